import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { Client, PoolClient, QueryArrayConfig, QueryConfig } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { endsSession, lostConnection, translateError } from './errors.js'
import { type RowReader, readRows } from './sql/binary-reader.js'
import type { Queryable, QueryOptions } from './sql/queryable.js'
import { inlined, Sql } from './sql/sql.js'

/**
 * One connection in use. It may be lost at any moment, with or without a statement under way: pg says so by an
 * `error` event, which ends the process where nobody listens, so it is heard here for as long as it is in use.
 */
export class Connection implements Queryable {
  readonly #client: Client | PoolClient
  readonly #timeoutMs: number
  #lost: Error | undefined

  /** @param timeoutMs without an answer for so long the connection is given up. */
  constructor(client: Client | PoolClient, timeoutMs: number) {
    this.#client = client
    this.#timeoutMs = timeoutMs
    client.on('error', this.#onError)
  }

  /** Why it is no use any more; absent: it is good. */
  get lost(): Error | undefined {
    return this.#lost
  }

  async query<Row>(statement: Sql | string, { timeoutMs = this.#timeoutMs }: QueryOptions = {}): Promise<Row[]> {
    const config = statement instanceof Sql ? prepared(statement) : { text: statement }
    return (await this.#run(config, timeoutMs)) as Row[] // cast: the caller knows what its statement selects
  }

  /** Rows as arrays, as drizzle takes them. */
  async values(text: string, values: unknown[]): Promise<unknown[][]> {
    return (await this.#run({ text, values, rowMode: 'array' }, this.#timeoutMs)) as unknown[][] // cast: rowMode
  }

  async read<Row>(select: Sql, readRow: (reader: RowReader) => Row): Promise<Row[]> {
    const statement = `copy (${inlined(select)}) to stdout (format binary)`
    const timer = setTimeout(() => this.break(new Error(`no end after ${this.#timeoutMs} ms`)), this.#timeoutMs)
    try {
      return readRows(await this.#translated(() => collect(this.#client.query(copyTo(statement)))), readRow)
    } finally {
      clearTimeout(timer)
    }
  }

  async copy(statement: string, chunks: Iterable<Buffer>): Promise<void> {
    const stream = Object.assign(copyFrom(statement), { query_timeout: this.#timeoutMs })
    await this.#translated(() => feed(this.#client.query(stream), chunks))
  }

  /** Hears no more of it: whoever takes it over must. */
  leave(): void {
    this.#client.off('error', this.#onError)
  }

  /** What is running, and whatever follows, fails. */
  break(reason: Error): void {
    this.#lost ??= reason
    void this.#client.end() // destroys the socket of a statement that is under way
  }

  async #run(config: QueryConfig | QueryArrayConfig, timeoutMs: number): Promise<unknown[]> {
    const timed = { ...config, query_timeout: timeoutMs }
    return (await this.#translated(() => this.#client.query(timed))).rows
  }

  async #translated<Result>(run: () => Promise<Result>): Promise<Result> {
    if (this.#lost) throw lostConnection(this.#lost)
    try {
      return await run()
    } catch (error) {
      if (endsSession(error)) this.#lost ??= error as Error // cast: a driver's error is one
      throw this.#lost && this.#lost !== error ? lostConnection(this.#lost) : translateError(error)
    }
  }

  readonly #onError = (error: Error): void => {
    this.#lost ??= error
  }
}

/** Ends when the server has answered; a chunk is made when the one before it was taken. */
async function feed(stream: Writable, chunks: Iterable<Buffer>): Promise<void> {
  const answered = once(stream, 'finish') // rejects by the server's error, or the connection's
  answered.catch(() => {}) // heard below
  stream.on('error', () => {}) // after a timeout there is another, when the connection is broken
  for (const chunk of chunks) {
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), answered])
  }
  stream.end()
  await answered
}

async function collect(stream: Readable): Promise<Buffer> {
  stream.on('error', () => {}) // there may be another, when the connection is broken
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const names = new Map<string, string>()

/**
 * Each text is parsed once a connection; there are as many as the sources have statements. The name tells the text,
 * as behind a pooler another process may have prepared what goes by it.
 */
function prepared({ text, values }: Sql): QueryConfig {
  const name = names.get(text) ?? `ohlcv_${createHash('sha256').update(text).digest('base64url')}`
  names.set(text, name)
  return { name, text, values: [...values] }
}
