import { Client } from 'pg'
import { Connection } from './connection.js'
import { lostConnection, OhlcvError, translateError } from './errors.js'
import { sessionConfig } from './session-config.js'
import { LOCKS } from './sql/queryable.js'
import { sql } from './sql/sql.js'

export interface ShardOptions {
  /** Of the server itself or a session pooler: behind a transaction pooler the locks would be somebody else's. */
  readonly url: string
  /** Into how many parts the series are divided, 1 to 1024; the same in every process. */
  readonly count: number
  /** How many this process takes at most. Default: all that are free. */
  readonly max?: number
  /**
   * How often it looks for free ones, milliseconds of real time. A server that does not answer for twice as long is
   * lost; it frees the locks of a process that vanished only after a minute. Default 5,000.
   */
  readonly lookEveryMs?: number
}

/** One part of the series, for this process alone. */
export interface Shard {
  /** As `shardOf` gives it. */
  readonly index: number
  /** Aborts at once when the lock is lost or given back: another process may have it from then on. */
  readonly signal: AbortSignal
}

const MAX_COUNT = 1024

/**
 * Takes part in the division of the series among processes; iterate it for the shards that are taken.
 *
 * @throws OhlcvError when the database cannot be reached; RangeError for a count or limit that makes no sense.
 */
export async function openShards({ url, count, max = count, lookEveryMs = 5_000 }: ShardOptions): Promise<Shards> {
  for (const [name, value] of Object.entries({ count, max })) {
    if (Number.isInteger(value) && value >= 1 && value <= MAX_COUNT) continue
    throw new RangeError(`openShards ${name}: expected 1 to ${MAX_COUNT}, got ${value}`)
  }
  const timeoutMs = 2 * lookEveryMs
  const client = new Client({ ...sessionConfig(url, timeoutMs), application_name: 'fullon-ohlcv-shards' })
  const connection = new Connection(client, timeoutMs) // which also listens to errors
  try {
    await client.connect()
  } catch (error) {
    throw translateError(error)
  }
  return new Shards(client, connection, { count, max, lookEveryMs })
}

/** Shards as they are taken. Iterating throws `UNAVAILABLE` when the connection was lost, and ends when it is closed. */
export class Shards implements AsyncIterable<Shard>, AsyncDisposable {
  readonly #client: Client
  readonly #connection: Connection
  readonly #options: Required<Omit<ShardOptions, 'url'>>
  readonly #held = new Map<number, AbortController>()
  readonly #taken: Shard[] = []
  #over: OhlcvError | undefined
  #wake = () => {}
  #timer: NodeJS.Timeout | undefined

  /** @internal use {@link openShards} */
  constructor(client: Client, connection: Connection, options: Required<Omit<ShardOptions, 'url'>>) {
    this.#client = client
    this.#connection = connection
    this.#options = options
    for (const event of ['error', 'end'] as const) {
      client.on(event, (error?: Error) => this.#end(lostConnection(error ?? new Error('its end'))))
    }
    void this.#look()
  }

  /** Those held right now, ascending. */
  get held(): readonly number[] {
    return [...this.#held.keys()].sort((a, b) => a - b)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Shard, void> {
    for (;;) {
      const shard = this.#taken.shift()
      if (shard && !this.#over) yield shard
      else if (this.#over?.code === 'CLOSED') return
      else if (this.#over) throw this.#over
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  /** Gives every shard back, at once: end what runs for them before. */
  async close(): Promise<void> {
    this.#end(new OhlcvError('CLOSED', 'shards: expected open ones, got closed ones'))
    await this.#client.end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Takes what is free; with nothing to take it asks whether the server is still there. */
  async #look(): Promise<void> {
    const { count, max, lookEveryMs } = this.#options
    try {
      await this.#connection.query(sql`select 1`)
      for (let index = 0; index < count && this.#held.size < max; index++) {
        if (!this.#held.has(index)) await this.#tryTake(index)
      }
      if (!this.#over) this.#timer = setTimeout(() => void this.#look(), lookEveryMs)
    } catch (error) {
      this.#end(lostConnection(error))
    }
  }

  async #tryTake(index: number): Promise<void> {
    // Processes that divide by another count, during a change of it, do not meet.
    const key = this.#options.count * MAX_COUNT + index
    const [row] = await this.#connection.query<{ taken: boolean }>(sql`
      select pg_try_advisory_lock(${LOCKS.shards}, ${key}) as taken`)
    if (!row?.taken || this.#over) return
    const stop = new AbortController()
    this.#held.set(index, stop)
    this.#taken.push({ index, signal: stop.signal })
    this.#wake()
  }

  #end(reason: OhlcvError): void {
    if (this.#over) return
    this.#over = reason
    clearTimeout(this.#timer)
    const stops = [...this.#held.values()]
    this.#held.clear()
    for (const stop of stops) stop.abort(reason)
    this.#wake()
    if (reason.code !== 'CLOSED') this.#connection.break(reason)
  }
}
