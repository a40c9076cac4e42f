import { configureLogger } from '@fullon/log'
import { runProgram } from '../src/run-program.js'
import type { Finished } from './run-command.js'

let last: Promise<unknown> = Promise.resolve()

/** The command without the second it takes to start a process; the next one waits for this one's end. */
export function runInProcess(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  const finished = last.then(() => run(args, env))
  last = finished.catch(() => {})
  return finished
}

async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  const { exitCode, env: ownEnv } = process
  const [{ log, error }, out, err] = [{ ...console }, process.stdout.write, process.stderr.write]
  const { DATABASE_URL, OHLCV_DATABASE_URL, DB_HOST, REDIS_URL, CACHE_HOST, ...inherited } = ownEnv
  const printed = { stdout: '', stderr: '' }
  const write =
    (to: keyof typeof printed) =>
    (text: string | Uint8Array, ...rest: unknown[]) => {
      printed[to] += text
      for (const done of rest) if (typeof done === 'function') done()
      return true
    }
  process.env = { ...inherited, ...env }
  process.exitCode = 0
  process.stdout.write = write('stdout')
  process.stderr.write = write('stderr')
  console.log = (text) => void process.stdout.write(`${text}\n`)
  console.error = (text) => void process.stderr.write(`${text}\n`)
  try {
    await runProgram(args)
    return { code: Number(process.exitCode), ...printed }
  } finally {
    process.stdout.write = out
    process.stderr.write = err
    Object.assign(console, { log, error })
    process.env = ownEnv
    process.exitCode = exitCode
    configureLogger()
  }
}
