import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('programs/exit-after-logging.ts', import.meta.url))
const EVERY_INDEX = Array.from({ length: 2000 }, (_, index) => index)

const NO_SETTINGS = Object.fromEntries(
  ['LEVEL', 'LEVELS', 'FORMAT', 'COLORS', 'CONSOLE', 'FILE_PATH', 'ROTATION', 'RETENTION'].map((name) => [
    `LOG_${name}`,
    '',
  ]),
)

/** @param out a descriptor instead of the pipe whose text `stdout` is */
async function run(args: string[], env: Record<string, string> = {}, out: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...args], {
    stdio: ['ignore', out, 'pipe'],
    env: { ...process.env, ...NO_SETTINGS, ...env },
  })
  const [stdout, stderr, [code]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    text(child.stderr as Readable), // cast: a pipe
    once(child, 'exit') as Promise<[number | null]>, // cast: Node's
  ])
  return { stdout, stderr, code }
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
    const folder = await mkdtemp(join(tmpdir(), 'fullon-log-'))
    try {
      const path = join(folder, 'service.log')
      await run(['throw', path])
      expect(indexes(await readFile(path, 'utf8'))).toEqual(EVERY_INDEX)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it.each(['exit', 'throw', 'kill'])(
    'loses no line in a file that is put aside again and again, by %s',
    async (ending) => {
      const folder = await mkdtemp(join(tmpdir(), 'fullon-log-'))
      try {
        const env = { LOG_FILE_PATH: join(folder, 'service.log'), LOG_ROTATION: '30 KB', LOG_CONSOLE: 'false' }
        const { stdout } = await run([ending], env)
        expect(stdout).toBe('')
        const files = (await readdir(folder)).toSorted()
        expect(files.length).toBeGreaterThan(5)
        expect(files.at(-1)).toBe('service.log') // the newest lines, under the name that was given
        const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
        expect(texts.every((text) => text.length <= 30_000)).toBe(true)
        expect(indexes(texts.join(''))).toEqual(EVERY_INDEX)
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )

  it('writes to the console and to a file when both are wanted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fullon-log-'))
    try {
      const path = join(folder, 'service.log')
      const { stdout } = await run(['exit'], { LOG_FILE_PATH: path })
      expect(indexes(stdout)).toEqual(EVERY_INDEX)
      expect(indexes(await readFile(path, 'utf8'))).toEqual(EVERY_INDEX)
    } finally {
      await rm(folder, { recursive: true })
    }
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
