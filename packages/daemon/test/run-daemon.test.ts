import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { messageOf, parseWhole, shardsFrom } from '../src/index.js'

const PROGRAM = fileURLToPath(new URL('programs/daemon.ts', import.meta.url))
const NEVER_MS = '600000'
let child: ChildProcess | undefined

afterEach(() => {
  child?.kill('SIGKILL')
})

/** A daemon whose work is `work`; it is sent a signal once it has said something. */
function start(work: string, shutdownMs = NEVER_MS) {
  const flags = ['--conditions=@fullon/source', '--import', 'tsx', PROGRAM, work]
  const started = spawn(process.execPath, flags, { env: { ...process.env, SHUTDOWN_MS: shutdownMs } })
  child = started
  started.stdout.setEncoding('utf8')
  let seen = ''
  started.stdout.on('data', (data: string) => {
    seen += data
  })
  const printed = async (what: string) => {
    while (!seen.includes(`"msg":"${what}"`)) await new Promise((resolve) => started.stdout.once('data', resolve))
  }
  const ended = new Promise<{ code: number | null; lines: object[]; errors: string }>((resolve) => {
    const errors = text(started.stderr)
    started.once('close', async (code) => {
      const lines = seen.trim().split('\n')
      resolve({ code, lines: lines.map((line) => JSON.parse(line)), errors: await errors })
    })
  })
  return { ended, send: (signal: NodeJS.Signals, after: string) => printed(after).then(() => started.kill(signal)) }
}

// Windows ends a process at once, whatever the signal.
describe.skipIf(process.platform === 'win32')('a daemon that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('saves what it holds and ends with 0 on %s', async (signal) => {
    const daemon = start('saves and ends')
    await daemon.send(signal, 'working')
    const { code, lines } = await daemon.ended
    expect(lines).toEqual([{ msg: 'working' }, { msg: 'stopping', signal }, { msg: 'saved' }, { msg: 'stopped' }])
    expect(code).toBe(0)
  })

  it('has not failed when its work ends by the reason of the signal', async () => {
    const daemon = start('throws the reason')
    await daemon.send('SIGTERM', 'working')
    const { code, lines } = await daemon.ended
    expect([code, lines.at(-1)]).toEqual([0, { msg: 'stopped' }])
  })

  it('ends at once when it is told twice', async () => {
    const daemon = start('never ends')
    await daemon.send('SIGTERM', 'working')
    await daemon.send('SIGTERM', 'stopping')
    expect((await daemon.ended).code).toBe(1)
  })

  it('is cut when its end takes longer than SHUTDOWN_MS', async () => {
    const daemon = start('never ends', '50')
    await daemon.send('SIGTERM', 'working')
    expect((await daemon.ended).code).toBe(1)
  })
})

describe('a daemon that cannot go on', () => {
  it('says why in one line and ends with 1', async () => {
    expect(await start('cannot go on').ended).toEqual({
      code: 1,
      lines: [{ msg: 'cannot go on', reason: 'no database: connection refused' }],
      errors: '',
    })
  })

  it('ends whatever it left open', async () => {
    const { code, lines } = await start('leaves something open', '50').ended
    expect([code, lines]).toEqual([1, [{ msg: 'cannot go on', reason: 'no database' }]])
  })

  it.each(['forgets a rejection', 'throws in a timer'])('never lives on by half: it %s', async (work) => {
    const { code, lines } = await start(work).ended
    expect(code).toBe(1)
    expect(lines.at(-1)).toEqual({ msg: 'unexpected error, stopping', err: 'Error: nobody caught it' })
  })

  it('names the setting that is wrong', async () => {
    const { code, lines } = await start('saves and ends', 'soon').ended
    expect(code).toBe(1)
    expect(lines).toEqual([
      { msg: 'cannot go on', reason: 'SHUTDOWN_MS: expected a whole number from 0 to 3600000, got "soon"' },
    ])
  })
})

it('reads whole numbers and nothing else', () => {
  expect([parseWhole('N', '0', 9), parseWhole('N', '9', 9)]).toEqual([0, 9])
  expect(() => parseWhole('N', '0', 9, 1)).toThrow(/N: expected a whole number from 1 to 9, got "0"/)
  for (const bad of ['10', '-1', '1.5', 'one', 'NaN']) expect(() => parseWhole('N', bad, 9)).toThrow(/N: expected/)
})

it('reads into how many parts the work is divided, and refuses what would leave it undone', () => {
  expect(shardsFrom({})).toBeUndefined()
  expect(shardsFrom({ SHARDS: '8' })).toEqual({ count: 8, max: 8 })
  expect(shardsFrom({ SHARDS: '8', SHARDS_MAX: '3' })).toEqual({ count: 8, max: 3 })
  expect(() => shardsFrom({ SHARDS: '8', SHARDS_MAX: '0' })).toThrow(/SHARDS_MAX: .* from 1 to 8, got "0"/)
  expect(() => shardsFrom({ SHARDS_MAX: '4' })).toThrow('SHARDS_MAX: expected SHARDS beside it, got "4" alone')
})

it('says each cause once', () => {
  const cause = new Error('connection refused')
  expect(messageOf(new Error('database', { cause }))).toBe('database: connection refused')
  expect(messageOf(new Error('database: connection refused', { cause }))).toBe('database: connection refused')
  expect(messageOf('a word')).toBe('a word')
})
