import { existsSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS } from '../src/rotation.js'
import { LogFolder } from './log-folder.js'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('rotation by size', () => {
  it('spreads lines over numbered files, each once and in order, also across a restart', async () => {
    await using folder = new LogFolder()
    const log = folder.open({ maxBytes: 1000 })
    await folder.writeUntil(log, () => folder.list().length === 4)
    void log.close()
    const again = folder.open({ maxBytes: 1000 })
    await folder.writeUntil(again, () => folder.list().length === 8)
    expect(folder.list().slice(0, 3)).toEqual(['service.1.log', 'service.2.log', 'service.3.log'])
    expect(folder.readAll()).toBe(folder.everyLine())
    const sizes = folder.list().map((file) => folder.read(file).length)
    // Not the first and the fourth, which took what was written before pino-roll had started, and not the newest.
    for (const size of [1, 2, 4, 5, 6].map((index) => sizes[index])) {
      expect(size).toBeGreaterThanOrEqual(1000)
      expect(size).toBeLessThan(1010)
    }
  })

  it('begins a file when a program that ends before its first turn finds a full one', async () => {
    await using folder = new LogFolder()
    for (const line of ['12345\n', '1\n', '12345\n', '1\n']) {
      const log = folder.open({ maxBytes: 6 })
      log.write(line)
      void log.close()
    }
    expect(folder.list().map((file) => folder.read(file))).toEqual(['12345\n', '1\n12345\n', '1\n'])
  })

  it('lets a burst that no turn interrupts into one file rather than lose a line', async () => {
    await using folder = new LogFolder()
    const log = folder.open({ maxBytes: 10 })
    await folder.writeUntil(log, () => folder.list().length === 2)
    for (let count = 0; count < 1000; count++) folder.write(log)
    await folder.writeUntil(log, () => folder.list().length === 4)
    expect(folder.readAll()).toBe(folder.everyLine())
  })
})

describe('rotation by age', () => {
  it('begins a file in each period, named by its start, and every line is in its own', async () => {
    await using folder = new LogFolder()
    const log = folder.open({ maxAgeMs: 1000 })
    const times: number[] = []
    await vi.waitFor(
      () => {
        folder.write(log)
        times.push(Date.now())
        expect(new Set(folder.list().map(toStart)).size).toBe(4)
      },
      { timeout: 20_000, interval: 5 },
    )
    expect(folder.readAll()).toBe(folder.everyLine())
    for (const file of folder.list()) {
      for (const line of folder.read(file).split('\n').filter(Boolean)) {
        const into = (times[Number(line)] ?? Number.NaN) - toStart(file)
        expect(into).toBeGreaterThanOrEqual(-20) // a timer may be early, and late on a busy machine
        expect(into).toBeLessThan(1900)
      }
    }
  })

  it('goes on in the file of the period after a restart, and never in one of another', async () => {
    await using folder = new LogFolder()
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date().setHours(23, 59, 58, 500) })
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const today = `service.${localDate()}.1.log`
    for (const line of ['0\n', '1\n']) {
      const log = folder.open({ maxAgeMs: DAY_MS })
      log.write(line)
      void log.close()
    }
    const running = folder.open({ maxAgeMs: DAY_MS })
    running.write('2\n')
    while (!timers.mock.calls.some(([, ms]) => ms === 1500)) await turn() // until pino-roll waits for midnight
    await turn()
    vi.advanceTimersByTime(1500)
    const tomorrow = `service.${localDate()}.1.log`
    running.write('3\n')
    void running.close()
    folder.open({ maxAgeMs: DAY_MS }).write('4\n')
    vi.setSystemTime(Date.now() + DAY_MS)
    folder.open({ maxAgeMs: DAY_MS }).write('5\n')
    expect(folder.list()).toEqual([today, tomorrow, `service.${localDate()}.1.log`])
    expect(folder.list().map((file) => folder.read(file))).toEqual(['0\n1\n2\n', '3\n4\n', '5\n'])
  })
})

/** Of a name such as `service.2026-11-23_18-00-00.1.log`. */
function toStart(file: string): number {
  const [, date, ...time] = /^service\.([\d-]{10})_(\d\d)-(\d\d)-(\d\d)\.\d+\.log$/.exec(file) ?? []
  return Date.parse(`${date}T${time.join(':')}`)
}

const localDate = () => new Date().toLocaleDateString('sv')

describe('retention', () => {
  it('keeps so many files besides the one that is written, and touches none that is not its own', async () => {
    await using folder = new LogFolder()
    const others = [
      'service.log',
      'service.txt',
      'service.1.txt',
      'service1.log',
      'services.log',
      'service-1.log',
      'services.1.log',
      'service.old.1.log',
      'service.2024-01-01x.1.log',
      'my.service.1.log',
    ]
    for (const file of others) folder.make(file, { ageMs: 10 * DAY_MS })
    const log = folder.open({ maxBytes: 10 }, { maxFiles: 2 })
    await folder.writeUntil(log, () => existsSync(folder.join('service.8.log')))
    expect(folder.list()).toEqual(expect.arrayContaining(others))
    const own = folder.list().filter((file) => !others.includes(file))
    expect(own).toEqual(['service.6.log', 'service.7.log', 'service.8.log'])
    expect(folder.everyLine().endsWith(own.map((file) => folder.read(file)).join(''))).toBe(true)
  })

  it('counts no file without lines, so that an idle night does not push a busy day out', async () => {
    await using folder = new LogFolder()
    folder.make('service.2026-01-01.1.log', { ageMs: 5 * DAY_MS })
    folder.make('service.2026-01-02.1.log', { ageMs: 4 * DAY_MS })
    folder.make('service.2026-01-03.1.log', { ageMs: 3 * DAY_MS, text: '' })
    folder.make('service.2026-01-03.2.log', { ageMs: 2 * DAY_MS, text: '' })
    folder.open({ maxAgeMs: DAY_MS }, { maxFiles: 1 })
    expect(folder.list().slice(0, -1)).toEqual([
      'service.2026-01-02.1.log',
      'service.2026-01-03.1.log',
      'service.2026-01-03.2.log',
    ])
  })

  it('removes files that are older than they may be, at the start and whenever a file is begun', async () => {
    await using folder = new LogFolder()
    folder.make('service.1.log', { ageMs: 2 * DAY_MS })
    folder.make('service.2.log', { ageMs: DAY_MS / 2 })
    folder.make('service.2026-01-01.1.log', { ageMs: 2 * DAY_MS })
    folder.make('service.2026-01-01_18-00-00.2.log', { ageMs: 2 * DAY_MS })
    folder.make('service.3.log', { ageMs: 3 * DAY_MS }) // the newest number: lines are appended to it
    const log = folder.open({ maxBytes: 1000 }, { maxAgeMs: DAY_MS })
    expect(folder.list()).toEqual(['service.2.log', 'service.3.log'])
    await folder.writeUntil(log, () => folder.list().includes('service.4.log'))
    folder.make('service.2.log', { ageMs: 2 * DAY_MS })
    await folder.writeUntil(log, () => folder.list().includes('service.5.log'))
    expect(folder.list()).toEqual(['service.3.log', 'service.4.log', 'service.5.log'])
  })
})
