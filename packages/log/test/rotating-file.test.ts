import fs, {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RotatingFile } from '../src/rotating-file.js'
import { DAY_MS, type Retention, type Rotation } from '../src/rotation.js'

const SECOND = { maxAgeMs: 1000 }

let folder: string
let count: number
const opened: RotatingFile[] = []

function openLog(rotation: Rotation, retention?: Retention): RotatingFile {
  const file = new RotatingFile(join(folder, 'service.log'), rotation, retention)
  opened.push(file)
  return file
}

/** In the order of their numbers, which is that of their lines. */
const files = () => readdirSync(folder).toSorted(new Intl.Collator('en', { numeric: true }).compare)
const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const readAll = () => files().map(read).join('')
const everyLine = () => Array.from({ length: count }, (_, index) => `${index}\n`).join('')

/** Numbers the lines on and lets pino-roll have its turn after each. */
async function writeUntil(log: RotatingFile, isEnough: () => boolean): Promise<void> {
  while (!isEnough()) {
    log.write(`${count++}\n`)
    await turn()
  }
}

function make(file: string, { text = 'of before\n', ageMs = 0 } = {}): void {
  const seconds = (Date.now() - ageMs) / 1000
  writeFileSync(join(folder, file), text)
  utimesSync(join(folder, file), seconds, seconds)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fullon-log-'))
  count = 0
})

afterEach(() => {
  for (const file of opened.splice(0)) file.close()
  vi.restoreAllMocks()
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

describe('rotation by size', () => {
  it('spreads lines over numbered files, each once and in order, also across a restart', async () => {
    const log = openLog({ maxBytes: 1000 })
    await writeUntil(log, () => files().length === 4)
    log.close()
    await writeUntil(openLog({ maxBytes: 1000 }), () => files().length === 8)
    expect(files().slice(0, 3)).toEqual(['service.1.log', 'service.2.log', 'service.3.log'])
    expect(readAll()).toBe(everyLine())
    const sizes = files().map((file) => read(file).length)
    // All but the first, which took what was written before pino-roll had started, and the newest.
    for (const size of sizes.slice(1, 3)) expect(size).toBeGreaterThanOrEqual(1000)
    for (const size of sizes.slice(1)) expect(size).toBeLessThan(1010)
  })

  it('begins a file when a program that ends before its first turn finds a full one', () => {
    for (const line of ['12345\n', '1\n', '12345\n', '1\n']) {
      const log = openLog({ maxBytes: 6 })
      log.write(line)
      log.close()
    }
    expect(files().map(read)).toEqual(['12345\n', '1\n12345\n', '1\n'])
  })

  it('lets a burst that no turn interrupts into one file rather than lose a line', async () => {
    const log = openLog({ maxBytes: 10 })
    await writeUntil(log, () => files().length === 2)
    const before = count
    while (count < before + 1000) log.write(`${count++}\n`)
    await writeUntil(log, () => files().length === 4)
    expect(readAll()).toBe(everyLine())
  })
})

describe('rotation by age', () => {
  it('begins a file in each period, named by its start, and every line is in its own', async () => {
    const log = openLog(SECOND)
    const times: number[] = []
    await vi.waitFor(
      () => {
        log.write(`${times.push(Date.now()) - 1}\n`)
        expect(new Set(times.map((time) => Math.floor(time / 1000))).size).toBe(4)
      },
      { timeout: 20_000, interval: 5 },
    )
    expect(files().every((file) => /^service\.\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.\d+\.log$/.test(file))).toBe(true)
    count = times.length
    expect(readAll()).toBe(everyLine())
    const periods = files().map((file) => file.slice(8, 27))
    expect(new Set(periods).size).toBe(4)
    for (const [index, file] of files().entries()) {
      const [day = '', second = ''] = periods[index]?.split('_') ?? []
      const start = new Date(`${day}T${second.replaceAll('-', ':')}`).getTime()
      for (const line of read(file).split('\n').filter(Boolean)) {
        const into = (times[Number(line)] ?? 0) - start
        expect(into).toBeGreaterThanOrEqual(-20) // a timer may be early, and late on a busy machine
        expect(into).toBeLessThan(1500)
      }
    }
  })

  it('goes on in the file of the period after a restart, and never in one of another', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date().setHours(23, 59, 59, 0) })
    const today = `service.${localDate()}.1.log`
    for (const line of ['0\n', '1\n']) {
      const log = openLog({ maxAgeMs: DAY_MS })
      log.write(line)
      log.close()
    }
    const running = openLog({ maxAgeMs: DAY_MS })
    running.write('2\n')
    await untilRolling()
    await vi.advanceTimersByTimeAsync(1000)
    const tomorrow = `service.${localDate()}.1.log`
    running.write('3\n')
    running.close()
    openLog({ maxAgeMs: DAY_MS }).write('4\n')
    vi.setSystemTime(Date.now() + DAY_MS)
    openLog({ maxAgeMs: DAY_MS }).write('5\n')
    expect(files()).toEqual([today, tomorrow, `service.${localDate()}.1.log`])
    expect(files().map(read)).toEqual(['0\n1\n2\n', '3\n4\n', '5\n'])
  })
})

const localDate = () => new Date().toLocaleDateString('sv')

/** pino-roll has taken over when its timer for midnight is there. */
const untilRolling = async () => {
  while (vi.getTimerCount() === 0) await turn()
  await turn()
}

describe('retention', () => {
  it('keeps so many files besides the one that is written, and touches none that is not its own', async () => {
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
    for (const file of others) make(file, { ageMs: 10 * DAY_MS })
    const log = openLog({ maxBytes: 10 }, { maxFiles: 2 })
    await writeUntil(log, () => existsSync(join(folder, 'service.8.log')))
    await turn()
    expect(files()).toEqual(expect.arrayContaining(others))
    const own = files().filter((file) => !others.includes(file))
    expect(own).toEqual(['service.6.log', 'service.7.log', 'service.8.log'])
    expect(everyLine().endsWith(own.map(read).join(''))).toBe(true)
  })

  it('counts no file without lines, so that an idle night does not push a busy day out', () => {
    make('service.2026-01-01.1.log', { ageMs: 5 * DAY_MS })
    make('service.2026-01-02.1.log', { ageMs: 4 * DAY_MS })
    make('service.2026-01-03.1.log', { ageMs: 3 * DAY_MS, text: '' })
    make('service.2026-01-03.2.log', { ageMs: 2 * DAY_MS, text: '' })
    openLog({ maxAgeMs: DAY_MS }, { maxFiles: 1 })
    expect(files().slice(0, -1)).toEqual([
      'service.2026-01-02.1.log',
      'service.2026-01-03.1.log',
      'service.2026-01-03.2.log',
    ])
  })

  it('removes files that are older than they may be, at the start and whenever a file is begun', async () => {
    make('service.1.log', { ageMs: 2 * DAY_MS })
    make('service.2.log', { ageMs: DAY_MS / 2 })
    make('service.2026-01-01.1.log', { ageMs: 2 * DAY_MS })
    make('service.2026-01-01_18-00-00.2.log', { ageMs: 2 * DAY_MS })
    make('service.3.log', { ageMs: 3 * DAY_MS }) // the newest number: lines are appended to it
    const log = openLog({ maxBytes: 1000 }, { maxAgeMs: DAY_MS })
    expect(files()).toEqual(['service.2.log', 'service.3.log'])
    await writeUntil(log, () => files().length === 3)
    make('service.2.log', { ageMs: 2 * DAY_MS })
    await writeUntil(log, () => files().includes('service.5.log'))
    await vi.waitFor(() => expect(files()).toEqual(['service.3.log', 'service.4.log', 'service.5.log']))
  })
})

describe('opening', () => {
  it('throws the file system’s error where no file can be opened', () => {
    make('file')
    expect(() => new RotatingFile(join(folder, 'file', 'service.log'), { maxBytes: 10 })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(EEXIST|ENOTDIR)$/) }),
    )
  })

  it('refuses a folder, and what pino-roll would refuse when it is too late', () => {
    for (const path of [folder, `${folder}/`, join(folder, 'a:b', 'service.log'), join(folder, 'service*.log')]) {
      expect(() => new RotatingFile(path, { maxBytes: 10 })).toThrow(
        new RangeError(
          `rotation: expected the path of a file, without any of < > : " | ? *, got ${JSON.stringify(path)}`,
        ),
      )
    }
    expect(files()).toEqual([])
  })

  it.runIf(existsSync('/proc/self/fd'))('holds one file when it is told of the same again and again', async () => {
    const log = openLog({ maxBytes: 50 })
    log.write(`${count++}\n`)
    for (let index = 0; index < 20; index++) {
      opened.at(-1)?.close()
      openLog({ maxBytes: 50 }).write(`${count++}\n`)
      if (index % 3 === 0) await turn() // some have just started then, others have not
    }
    await writeUntil(opened.at(-1)!, () => files().length > 6)
    expect(readAll()).toBe(everyLine())
    await vi.waitFor(() => expect(openFiles()).toHaveLength(1), { timeout: 10_000 })
  })
})

function openFiles(): string[] {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return links.filter((link) => link.startsWith(folder))
}

describe('a file that cannot be had', () => {
  it('leaves lines in the one there is, and is tried again', async () => {
    const log = openLog({ maxBytes: 50 }, { maxFiles: 1000 })
    await writeUntil(log, () => files().length === 2)
    const unclosed: unknown[] = []
    const { close } = fs
    vi.spyOn(fs, 'close').mockImplementation((fd, done) =>
      close(fd, (err) => {
        if (err) unclosed.push(err.code)
        done?.(err)
      }),
    )
    for (const number of [3, 4, 5]) fs.mkdirSync(join(folder, `service.${number}.log`))
    await writeUntil(log, () => existsSync(join(folder, 'service.7.log')))
    for (const number of [3, 4, 5]) fs.rmdirSync(join(folder, `service.${number}.log`))
    expect(readAll()).toBe(everyLine())
    await vi.waitFor(() => expect(openFiles()).toHaveLength(1))
    expect(unclosed).toEqual([]) // a descriptor that is closed once more may be a socket by then
  })

  it('is tried again when it could not be had at the start', async () => {
    const log = openLog({ maxBytes: 50 })
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'a file where the folder was')
    await delay(500)
    rmSync(folder)
    await vi.waitFor(
      () => {
        log.write('0123456789\n')
        expect(files().length).toBeGreaterThan(1)
      },
      { timeout: 20_000 },
    )
  })

  it.runIf(existsSync('/dev/full'))('loses no line to a disk that is full for a while', async () => {
    const start = Math.floor(Date.now() / 1000) * 1000
    for (const ahead of [2, 3]) symlinkSync('/dev/full', join(folder, `service.${stamp(start + ahead * 1000)}.1.log`))
    const log = openLog(SECOND)
    await vi.waitFor(
      () => {
        log.write(`${count++}\n`)
        expect(Date.now()).toBeGreaterThan(start + 5500)
      },
      { timeout: 20_000, interval: 20 },
    )
    for (const ahead of [2, 3]) rmSync(join(folder, `service.${stamp(start + ahead * 1000)}.1.log`))
    expect(readAll()).toBe(everyLine())
  })
})

/** Local, as names have it. */
const stamp = (time: number) => new Date(time).toLocaleString('sv').replace(' ', '_').replaceAll(':', '-')
