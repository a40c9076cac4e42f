import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const EXIT_AFTER_LOGGING = new URL('programs/exit-after-logging.ts', import.meta.url)
const ACKNOWLEDGE_EACH_LINE = new URL('programs/acknowledge-each-line.ts', import.meta.url)
const END_WITHOUT_FOLDER = new URL('programs/end-without-folder.ts', import.meta.url)
const LOG_WITHOUT_ROOM = new URL('programs/log-without-room.ts', import.meta.url)

const EVERY_INDEX = Array.from({ length: 2000 }, (_, index) => index)

const NO_SETTINGS = Object.fromEntries(
  ['LEVEL', 'LEVELS', 'FORMAT', 'COLORS', 'CONSOLE', 'FILE_PATH', 'ROTATION', 'RETENTION'].map((name) => [
    `LOG_${name}`,
    '',
  ]),
)

function start(program: URL, args: string[], env: Record<string, string>, out: 'pipe' | number = 'pipe') {
  return spawn(process.execPath, ['--import', 'tsx', fileURLToPath(program), ...args], {
    stdio: ['pipe', out, 'pipe'],
    env: { ...process.env, ...NO_SETTINGS, ...env },
  })
}

/** @param out a descriptor instead of the pipe whose text `stdout` is */
async function run(args: string[], env: Record<string, string> = {}, out: 'pipe' | number = 'pipe') {
  const child = start(EXIT_AFTER_LOGGING, args, env, out)
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    text(child.stderr as Readable), // cast: a pipe
    once(child, 'exit') as Promise<[number | null]>, // cast: Node's
  ])
  return { stdout, stderr, code }
}

async function makeFolder() {
  const path = await mkdtemp(join(tmpdir(), 'fullon-log-'))
  return {
    path,
    /** Its files in the order of their numbers, and their text. */
    async read() {
      const files = (await readdir(path)).toSorted(new Intl.Collator('en', { numeric: true }).compare)
      const texts = await Promise.all(files.map((file) => readFile(join(path, file), 'utf8')))
      return { files, lines: texts.join('') }
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

const indexes = (output: string) =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).index)

describe('a process that ends right after it logged', () => {
  it.each(['exit', 'throw', 'kill'])('loses no line on a pipe, by %s', async (ending) => {
    const { stdout } = await run([ending])
    expect(indexes(stdout)).toEqual(EVERY_INDEX)
  })

  it('loses no line when it writes for people', async () => {
    const { stdout } = await run(['exit'], { LOG_FORMAT: 'beautiful' })
    expect(stdout.match(/"index":\d+/g)).toHaveLength(2000)
  })

  it('loses no line in a file', async () => {
    await using folder = await makeFolder()
    const path = join(folder.path, 'service.log')
    await run(['throw', path])
    expect(indexes(await readFile(path, 'utf8'))).toEqual(EVERY_INDEX)
  })

  it.each(['exit', 'throw', 'kill', 'return'])('loses no line before rotation has started, by %s', async (ending) => {
    await using folder = await makeFolder()
    const env = { LOG_FILE_PATH: join(folder.path, 'service.log'), LOG_ROTATION: '30 KB', LOG_CONSOLE: 'false' }
    for (const _time of [1, 2]) await run([ending], env)
    const { files, lines } = await folder.read()
    expect(files).toEqual(['service.1.log', 'service.2.log'])
    expect(indexes(lines)).toEqual([...EVERY_INDEX, ...EVERY_INDEX])
  })

  it.each([
    ['exit', '30 KB', '100'],
    ['throw', '30 KB', '1 week'],
    ['kill', '30 KB', '100'],
    ['return', '30 KB', '100'],
    ['exit', '1 day', '1'],
    ['kill', '00:00', '7 days'],
  ])('loses no line in files that rotate, by %s, %s, %s', async (ending, LOG_ROTATION, LOG_RETENTION) => {
    await using folder = await makeFolder()
    const env = { LOG_FILE_PATH: join(folder.path, 'service.log'), LOG_ROTATION, LOG_RETENTION, LOG_CONSOLE: 'false' }
    const { stdout } = await run([ending, '', 'in turns'], env)
    expect(stdout).toBe('')
    const { files, lines } = await folder.read()
    if (LOG_ROTATION === '30 KB') expect(files.length).toBeGreaterThan(5)
    expect(indexes(lines)).toEqual(EVERY_INDEX)
  })

  it.each([
    ['in its first milliseconds', 1, 1],
    ['while rotation starts', 500, 1],
    ['between files', 500, 6],
  ])('had every line in its files that it acknowledged before a kill -9 %s', async (_when, lineCount, fileCount) => {
    await using folder = await makeFolder()
    const env = { LOG_FILE_PATH: join(folder.path, 'service.log'), LOG_ROTATION: '20 KB', LOG_CONSOLE: 'false' }
    const child = start(ACKNOWLEDGE_EACH_LINE, [], env)
    let acknowledged = ''
    for await (const chunk of child.stdout as Readable) {
      acknowledged += chunk
      if (acknowledged.split('\n').length <= lineCount) continue
      if (readdirSync(folder.path).length >= fileCount) child.kill('SIGKILL')
    }
    const written = indexes((await folder.read()).lines)
    expect(written).toEqual(written.map((_index, position) => position))
    expect(written.length).toBeGreaterThanOrEqual(acknowledged.split('\n').length - 1)
  })

  it('is not kept from ending by a rotation that cannot start', async () => {
    await using folder = await makeFolder()
    const child = start(END_WITHOUT_FOLDER, [folder.path], {})
    const timer = setTimeout(() => child.kill(), 30_000)
    const [code] = await once(child, 'exit')
    clearTimeout(timer)
    expect(code).toBe(0)
  })

  it.runIf(existsSync('/usr/bin/prlimit'))('writes what it held when there is room again', async () => {
    await using folder = await makeFolder()
    const env = { LOG_FILE_PATH: join(folder.path, 'service.log'), LOG_ROTATION: '1 MB', LOG_CONSOLE: 'false' }
    const child = start(LOG_WITHOUT_ROOM, [], env)
    const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`])
    await once(child.stdout as Readable, 'data') // cast: a pipe
    limit('1000')
    child.stdin?.write('go on')
    await once(child.stdout as Readable, 'data') // cast: a pipe
    limit('unlimited')
    expect((await folder.read()).lines).toHaveLength(1000)
    child.stdin?.write('go on')
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
    expect(indexes((await folder.read()).lines)).toEqual(EVERY_INDEX.slice(0, 102))
  })

  it('writes to the console and to a file when both are wanted', async () => {
    await using folder = await makeFolder()
    const path = join(folder.path, 'service.log')
    const { stdout } = await run(['exit'], { LOG_FILE_PATH: path })
    expect(indexes(stdout)).toEqual(EVERY_INDEX)
    expect(indexes(await readFile(path, 'utf8'))).toEqual(EVERY_INDEX)
  })

  it.runIf(existsSync('/dev/full'))('lives on when the disk is full', async () => {
    const { stdout, stderr } = await run(['exit'], { LOG_FILE_PATH: '/dev/full' })
    expect(stderr).toBe('')
    expect(indexes(stdout)).toEqual(EVERY_INDEX)
  })

  it.runIf(existsSync('/dev/full'))('lives on when the disk is full that stdout goes to', async () => {
    const full = openSync('/dev/full', 'w')
    const folder = await mkdtemp(join(tmpdir(), 'fullon-log-'))
    try {
      const path = join(folder, 'service.log')
      const { stderr, code } = await run(['exit'], { LOG_FILE_PATH: path }, full)
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
      expect(indexes(await readFile(path, 'utf8'))).toEqual(EVERY_INDEX)
    } finally {
      closeSync(full)
      await rm(folder, { recursive: true })
    }
  })

  it('refuses to start with a LOG_LEVEL it does not know', async () => {
    const { stdout, stderr } = await run(['exit'], { LOG_LEVEL: 'loud' })
    expect(stdout).toBe('')
    expect(stderr).toContain('RangeError: LOG_LEVEL: expected one of debug info')
  })
})
