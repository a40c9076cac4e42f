import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MUTATIONS } from './mutation/mutations.js'

test.for(MUTATIONS.map((mutation) => [mutation.breaks, mutation] as const))(
  'can be broken to see red: %s',
  ([, mutation]) => {
    const { file, line, becomes } = mutation
    const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8')
    expect(text.split(line), `once in ${file}`).toHaveLength(2)
    expect(becomes).not.toBe(line)
  },
)
