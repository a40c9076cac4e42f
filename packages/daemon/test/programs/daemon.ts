// A daemon: `<what its work does>`; prints what it logs, a JSON line each.
import { writeSync } from 'node:fs'
import { type DaemonLogger, runDaemon } from '../../src/index.js'

const print = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`)
const logger: DaemonLogger = {
  info: (fields, msg) => print({ msg, ...fields }),
  fatal: (fields, msg) => print({ msg, ...fields, ...('err' in fields && { err: String(fields.err) }) }),
  isLevelEnabled: () => false,
}
/** Something that was left open. */
const stayOpen = () => setInterval(() => {}, 60_000)

const WORK: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>> = {
  'saves and ends': async (signal) => {
    await untilAborted(signal)
    print({ msg: 'saved' })
  },
  'throws the reason': async (signal) => {
    await untilAborted(signal)
    signal.throwIfAborted()
  },
  'never ends': async (signal) => {
    stayOpen()
    await untilAborted(signal)
    await new Promise(() => {})
  },
  'cannot go on': async () => {
    throw new Error('no database', { cause: new Error('connection refused') })
  },
  'leaves something open': async () => {
    stayOpen()
    throw new Error('no database')
  },
  'forgets a rejection': async (signal) => {
    stayOpen()
    void Promise.reject(new Error('nobody caught it'))
    await untilAborted(signal)
  },
  'throws in a timer': async (signal) => {
    stayOpen()
    setTimeout(() => {
      throw new Error('nobody caught it')
    })
    await untilAborted(signal)
  },
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const open = stayOpen()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      clearInterval(open)
      resolve()
    })
    print({ msg: 'working' })
  })
}

const [, , name = ''] = process.argv
await runDaemon({
  env: process.env,
  logger,
  run: WORK[name] ?? (() => Promise.reject(new Error(`no such work: ${name}`))),
})
