import { availableParallelism } from 'node:os'
import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy'
import type { Pool } from 'pg'
import type { Connection } from './connection.js'
import { type Beside, type ConnectionOptions, Connections } from './connections.js'
import { OhlcvError } from './errors.js'
import { migrate } from './migrations/migrate.js'
import { type PartitionedTable, Partitions, type Timed } from './partitions.js'
import { SeriesIds } from './series-ids.js'
import type { Queryable } from './sql/queryable.js'
import { sql } from './sql/sql.js'
import { Turns } from './turns.js'
import { type WaitOptions, whenThere } from './when-there.js'

export type OpenOptions = (ConnectionOptions | PoolOptions) &
  WaitOptions & {
    /** How long a statement may take, milliseconds. Default 120,000. */
    readonly statementTimeoutMs?: number
  }

export interface PoolOptions {
  /** A `pg` pool of your own; it stays open. Its sessions must write dates as ISO (`DateStyle`), as servers do by default. */
  readonly pool: Pool
}

/** Live pages have fewer rows. */
const BULK_ROWS = 200

/** Of what is to be saved. */
type RowTimes = { readonly [table in PartitionedTable]?: Iterable<Timed> }

/**
 * Connects and brings the schema `ohlcv` up to date.
 *
 * @throws OhlcvError when the database cannot be reached or the schema not be made, after `waitMs` where that may pass;
 * TypeError for an unusable url.
 */
export async function openOhlcv({ statementTimeoutMs = 120_000, ...source }: OpenOptions): Promise<OhlcvDatabase> {
  const connections = new Connections('url' in source ? source : source.pool, statementTimeoutMs)
  try {
    await whenThere(async () => {
      await connections.use(checkDateStyle)
      await migrate(connections)
    }, source)
    return new OhlcvDatabase(connections)
  } catch (error) {
    await connections.close()
    throw error
  }
}

async function checkDateStyle(connection: Queryable): Promise<void> {
  const [row] = await connection.query<{ style: string }>(sql`select current_setting('DateStyle') as style`)
  if (row?.style.startsWith('ISO')) return
  throw new OhlcvError('INVALID', `openOhlcv pool: expected sessions with DateStyle ISO, got ${row?.style}`)
}

/** An open database; give it to the repositories. Every call to the driver passes here. */
export class OhlcvDatabase implements AsyncDisposable {
  readonly #connections: Connections
  readonly #partitions: Partitions
  readonly #orm: PgRemoteDatabase
  readonly #bulk = new Turns(availableParallelism() + 1)
  /** @internal */
  readonly seriesIds = new SeriesIds()

  /** @internal use {@link openOhlcv} */
  constructor(connections: Connections) {
    this.#connections = connections
    this.#partitions = new Partitions(connections)
    // By way of its proxy: drizzle takes a driver, and this one is already ours.
    this.#orm = drizzle(async (text, parameters) => ({
      rows: await connections.use((connection) => connection.values(text, parameters)),
    }))
  }

  /**
   * Resolves when the database answers.
   *
   * @throws OhlcvError
   */
  async ping(): Promise<void> {
    await this.query((connection) => connection.query('select 1'))
  }

  /** @internal */
  query<Result>(run: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#connections.use(run)
  }

  /**
   * Every statement of `run` sees the same state of the database.
   *
   * @internal
   */
  snapshot<Result>(run: (connection: Queryable, beside: Beside) => Promise<Result>): Promise<Result> {
    return this.#connections.snapshot(run)
  }

  /** @internal */
  async select<Result>(run: (orm: PgRemoteDatabase) => Promise<Result>): Promise<Result> {
    try {
      return await run(this.#orm)
    } catch (error) {
      throw error instanceof DrizzleQueryError ? error.cause : error
    }
  }

  /**
   * Runs `run` in one transaction, once there are partitions for rows of these times; nothing of it stays when `signal`
   * aborts.
   *
   * @internal
   */
  write<Result>(
    times: RowTimes,
    run: (connection: Queryable) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    return this.#prepared(times, () => this.#connections.transaction(run, signal))
  }

  /**
   * As {@link write}, where each statement of `run` is a transaction of its own.
   *
   * @internal
   */
  writeOnce<Result>(times: RowTimes, run: (connection: Queryable) => Promise<Result>): Promise<Result> {
    return this.#prepared(times, () => this.#connections.use(run))
  }

  /**
   * Pages of many rows wait for each other here: more at once than there are processors only take them from each other,
   * and from whoever reads the next page (a backfill of 50 symbols took 1.15 times as long). What is live waits for none.
   *
   * @internal
   */
  async inTurn<Result>(rows: number, save: () => Promise<Result>): Promise<Result> {
    if (rows < BULK_ROWS) return save()
    await this.#bulk.take()
    try {
      return await save()
    } finally {
      this.#bulk.pass()
    }
  }

  /** @internal */
  forgetPartitions(): void {
    this.#partitions.forget()
  }

  async #prepared<Result>({ trades = [], candles = [] }: RowTimes, run: () => Promise<Result>): Promise<Result> {
    try {
      await this.#partitions.ensure('trades', trades)
      await this.#partitions.ensure('candles', candles)
      return await run()
    } catch (error) {
      this.#partitions.forget() // another process may have dropped one
      throw error
    }
  }

  /** Waits for running calls, for at most five seconds. */
  close(): Promise<void> {
    return this.#connections.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
