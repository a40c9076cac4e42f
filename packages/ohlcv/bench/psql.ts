import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'

/** A `psql` session that is kept open, so that starting it is not measured. */
export class Psql implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #lines: Interface
  readonly #ended = new AbortController()

  constructor(url: string) {
    this.#process = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', url], { stdio: 'pipe' })
    this.#process.stderr.pipe(process.stderr)
    this.#process.on('error', (error) => process.stderr.write(`the bench needs psql: ${error.message}\n`))
    this.#process.once('exit', () => this.#ended.abort(new Error('psql: ended, see above')))
    this.#lines = createInterface({ input: this.#process.stdout })
    this.#process.stdin.write('\\timing on\n')
  }

  /** @returns how long it took by psql's own clock, milliseconds. */
  async copy(table: string, file: string): Promise<number> {
    this.#process.stdin.write(`\\copy ${table} from '${file}'\n`)
    const [line] = (await once(this.#lines, 'line', { signal: this.#ended.signal })) as [string] // cast: a line
    const ms = /^Time: ([\d.]+) ms/.exec(line)?.[1]
    if (!ms) throw new Error(`psql: expected a time, got ${line}`)
    return Number(ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end()
    if (this.#process.exitCode === null) await once(this.#process, 'exit')
  }
}
