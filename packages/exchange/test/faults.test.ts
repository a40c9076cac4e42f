import { describe, expect, it } from 'vitest'
import { runSeed } from '../faults/run-seed.js'

// `npm run faults` runs 200.
describe.each([1, 2])(
  'streams and pages under the faults of seed %i (npm run faults -- --first-seed <seed> --seeds 1)',
  (seed) => {
    it('give every record once inside what they vouch for, and vouch for nothing else', {
      timeout: 300_000,
    }, async () => {
      const { problems, streamed, paged } = await runSeed(seed)
      expect(problems).toEqual([])
      expect(streamed).toBeGreaterThan(1_000)
      expect(paged).toBeGreaterThan(10_000)
    })
  },
)
