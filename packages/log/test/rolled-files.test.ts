import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import roll from 'pino-roll'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LINE_BY_LINE } from '../src/open-lines.js'
import { RolledFiles } from '../src/rolled-files.js'
import { DAY_MS, type Rotation } from '../src/rotation.js'

const HOUR_MS = 3_600_000

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fullon-log-'))
})

afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

const NAMES = [
  'service.log',
  'service',
  'my.service.jsonl',
  '.hidden',
  'service.x',
  'service.',
  '7',
  'new/er/service.log',
]

const ROTATIONS: [string, Rotation][] = [
  ['a size', { maxBytes: 30_000 }],
  ['a day', { maxAgeMs: DAY_MS }],
  ['an hour', { maxAgeMs: HOUR_MS }],
  ['a second', { maxAgeMs: 1_000 }],
  ['weeks', { maxAgeMs: 21 * DAY_MS }],
]

// If they did not, the lines of a program's first moments would stand apart from those that follow.
it.each(ROTATIONS)('finds the file that pino-roll appends to, by %s', async (_what, rotation) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / 1000) * 1000 + 100 }) // one period for both
  for (const name of NAMES) await expectSame(name, rotation)
  for (const file of ['service.3.log', 'other.7.log', 'core-12.jsonl', 'service.2026-01-01.4.log', 'x.0099.txt']) {
    writeFileSync(join(folder, file), 'x'.repeat(30_000))
  }
  for (const name of NAMES) await expectSame(name, rotation)
  symlinkSync('nowhere', join(folder, 'service.20.log'))
  for (const name of NAMES) await expectSame(name, rotation)
})

async function expectSame(name: string, rotation: Rotation): Promise<void> {
  const rolled = new RolledFiles(join(folder, name), rotation)
  const found = rolled.findCurrent()
  mkdirSync(join(found, '..'), { recursive: true })
  writeFileSync(found, '', { flag: 'a' })
  const stream = await roll({ ...LINE_BY_LINE, ...rolled.options })
  expect(stream.file).toBe(found)
  stream.end()
  await once(stream, 'close')
  const before = readdirSync(folder).length
  rolled.removeOld(found, { maxFiles: 1000 })
  expect(readdirSync(folder)).toHaveLength(before)
}

it.each([
  ['America/Santiago', '2026-04-05T03:30:00Z'], // midnight's hour twice
  ['America/Santiago', '2026-09-06T05:30:00Z'], // a day without a midnight
  ['Europe/Berlin', '2026-10-24T23:30:00Z'],
  ['Europe/Berlin', '2026-10-25T01:30:00Z'], // an hour that clocks show again
  ['Pacific/Chatham', '2026-01-01T00:00:00Z'],
])('does so in %s at %s, and no file is begun before its time', async (zone, time) => {
  vi.stubEnv('TZ', zone)
  try {
    expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone)
    for (const maxAgeMs of [DAY_MS, HOUR_MS, HOUR_MS / 2]) {
      vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date(time) })
      await expectSame('service.log', { maxAgeMs })
      const { options } = new RolledFiles(join(folder, 'service.log'), { maxAgeMs })
      const stream = await roll({ ...LINE_BY_LINE, ...options })
      for (let period = 0; period < 5; period++) {
        const before = Date.now()
        vi.advanceTimersToNextTimer()
        expect(Date.now() - before).toBeGreaterThan(60_000)
      }
      stream.end()
      vi.useRealTimers()
    }
  } finally {
    vi.unstubAllEnvs()
  }
})
