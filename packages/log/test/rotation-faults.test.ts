import fs, {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { RotatingFile } from '../src/rotating-file.js'
import { LogFolder } from './log-folder.js'

const HAS_PROC = existsSync('/proc/self/fd')

afterEach(() => {
  vi.restoreAllMocks()
})

it('throws the file system’s error where no file can be opened', async () => {
  await using folder = new LogFolder()
  folder.make('file')
  expect(() => new RotatingFile(folder.join('file', 'service.log'), { maxBytes: 10 })).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^(EEXIST|ENOTDIR)$/) }),
  )
})

it('refuses a folder, and at once what pino-roll would refuse too late', async () => {
  await using folder = new LogFolder()
  const paths = [folder.path, `${folder.path}/`, folder.join('a:b', 'service.log'), folder.join('service*.log')]
  for (const path of paths) {
    const expected = 'rotation: expected the path of a file, without any of < > : " | ? *'
    expect(() => new RotatingFile(path, { maxBytes: 10 })).toThrow(
      new RangeError(`${expected}, got ${JSON.stringify(path)}`),
    )
  }
  expect(folder.list()).toEqual([])
})

it.runIf(HAS_PROC)('holds one file, and has every line, when it is told of the same again and again', async () => {
  await using folder = new LogFolder()
  let log = folder.open({ maxBytes: 50 })
  for (let index = 0; index < 20; index++) {
    folder.write(log)
    void log.close()
    log = folder.open({ maxBytes: 50 })
    if (index % 3 === 0) await turn() // pino-roll is on its way for some then
  }
  await folder.writeUntil(log, () => folder.list().length > 6)
  expect(folder.readAll()).toBe(folder.everyLine())
  await vi.waitFor(() => expect(openFiles(folder)).toHaveLength(1), { timeout: 10_000 })
})

it.runIf(HAS_PROC)('goes on in the file it has while the next cannot be opened', async () => {
  await using folder = new LogFolder()
  const log = folder.open({ maxBytes: 50 }, { maxFiles: 1000 })
  await folder.writeUntil(log, () => folder.list().length === 2)
  const failures: unknown[] = []
  const { close } = fs
  vi.spyOn(fs, 'close').mockImplementation((fd, done) =>
    close(fd, (err) => {
      if (err) failures.push(err)
      done?.(err)
    }),
  )
  const inTheWay = [3, 4, 5].map((number) => folder.join(`service.${number}.log`))
  for (const path of inTheWay) mkdirSync(path)
  await folder.writeUntil(log, () => existsSync(folder.join('service.7.log')))
  for (const path of inTheWay) rmdirSync(path)
  expect(folder.readAll()).toBe(folder.everyLine())
  await vi.waitFor(() => expect(openFiles(folder)).toHaveLength(1))
  expect(failures).toEqual([]) // a descriptor that is closed once more may be a socket by then
})

it('rotates later when pino-roll could not start', async () => {
  await using folder = new LogFolder()
  const log = folder.open({ maxBytes: 50 })
  rmSync(folder.path, { recursive: true })
  writeFileSync(folder.path, 'a file where the folder was')
  await delay(500) // it tries meanwhile
  rmSync(folder.path)
  await vi.waitFor(
    () => {
      folder.write(log)
      expect(folder.list().length).toBeGreaterThan(1)
    },
    { timeout: 20_000, interval: 5 },
  )
})

it.runIf(existsSync('/dev/full'))('loses no line to a disk that is full for two periods', async () => {
  await using folder = new LogFolder()
  const start = Math.floor(Date.now() / 1000) * 1000
  const full = [2, 3].map((ahead) => folder.join(`service.${localSecond(start + ahead * 1000)}.1.log`))
  for (const path of full) symlinkSync('/dev/full', path)
  const log = folder.open({ maxAgeMs: 1000 })
  await vi.waitFor(
    () => {
      folder.write(log)
      expect(Date.now()).toBeGreaterThan(start + 5500)
    },
    { timeout: 20_000, interval: 20 },
  )
  for (const path of full) rmSync(path)
  expect(folder.readAll()).toBe(folder.everyLine())
})

it.runIf(existsSync('/dev/full'))('lives on while no file takes a line, neither the first nor the next', async () => {
  await using folder = new LogFolder()
  const start = Math.floor(Date.now() / 1000) * 1000
  const [first, second, ...next] = [0, 1, 2, 3].map((ahead) =>
    folder.join(`service.${localSecond(start + ahead * 1000)}.1.log`),
  )
  for (const path of [first, second]) symlinkSync('/dev/full', path ?? '')
  for (const path of next) mkdirSync(path)
  const log = folder.open({ maxAgeMs: 1000 })
  const uncaught = vi.fn()
  process.on('uncaughtExceptionMonitor', uncaught)
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', uncaught))
  await vi.waitFor(
    () => {
      folder.write(log)
      expect(Date.now()).toBeGreaterThan(start + 3500)
    },
    { timeout: 20_000, interval: 20 },
  )
  expect(uncaught).not.toHaveBeenCalled()
})

const localSecond = (time: number) => new Date(time).toLocaleString('sv').replace(' ', '_').replaceAll(':', '-')

function openFiles(folder: LogFolder): string[] {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // that of this very look
    }
  })
  return links.filter((link) => link.startsWith(folder.path))
}
