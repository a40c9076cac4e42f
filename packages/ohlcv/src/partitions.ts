import { type EpochMs, floorToTimeframe, type Span, timeframeMs } from '@fullon/market'
import type { Connections } from './connections.js'
import { formatTime } from './sql/literals.js'
import { LOCKS, type Queryable } from './sql/queryable.js'
import { sql } from './sql/sql.js'

/** Tables in weekly partitions. */
export type PartitionedTable = 'candles' | 'trades'

/** Each new partition holds about 6 of a server's locks until commit; a default server has 6,400 for everybody. */
export const BATCH = 50

const WEEK_MS = timeframeMs('1w')

/** A row, as far as its partition goes. */
export interface Timed {
  readonly timestamp: EpochMs
}

/** Makes the weekly partitions that rows need, and remembers which there are. */
export class Partitions {
  readonly #connections: Connections
  readonly #known = new Set<string>()

  constructor(connections: Connections) {
    this.#connections = connections
  }

  /** Partitions of the weeks that hold `rows`. Runs outside of the transaction that needs them. */
  async ensure(table: PartitionedTable, rows: Iterable<Timed>): Promise<void> {
    const weeks = new Set<EpochMs>()
    let week = Number.NEGATIVE_INFINITY
    for (const { timestamp } of rows) {
      if (timestamp >= week && timestamp < week + WEEK_MS) continue // as most: they come in order
      week = floorToTimeframe(timestamp, '1w')
      weeks.add(week)
    }
    if (this.#unknown(table, weeks).length === 0) return
    this.#remember(await this.#list(table))
    const missing = this.#unknown(table, weeks)
    for (let first = 0; first < missing.length; first += BATCH) {
      await this.#create(table, missing.slice(first, first + BATCH))
    }
  }

  /**
   * What another process has just made is listed before every session hears of it: Postgres tells them after the commit
   * is seen and before its locks are free. So its end is waited for, else a row would find no partition there.
   */
  #list(table: PartitionedTable): Promise<Set<string>> {
    return this.#connections.transaction(async (connection) => {
      await connection.query(sql`select pg_advisory_xact_lock_shared(${LOCKS.space}, ${LOCKS.partitions})`)
      return listPartitions(connection, table)
    })
  }

  /** Forgets which there are, so that the next call looks. */
  forget(): void {
    this.#known.clear()
  }

  #unknown(table: PartitionedTable, weeks: Iterable<EpochMs>): EpochMs[] {
    return [...weeks].filter((week) => !this.#known.has(partitionName(table, week)))
  }

  #remember(names: Iterable<string>): void {
    for (const name of names) this.#known.add(name)
  }

  async #create(table: PartitionedTable, weeks: readonly EpochMs[]): Promise<void> {
    await this.#connections.transaction(async (connection) => {
      await connection.query(sql`select pg_advisory_xact_lock(${LOCKS.space}, ${LOCKS.partitions})`)
      const made = await listPartitions(connection, table) // by another process meanwhile
      for (const week of weeks) {
        if (!made.has(partitionName(table, week))) await connection.query(createPartition(table, week))
      }
    })
    this.#remember(weeks.map((week) => partitionName(table, week)))
  }
}

export async function listPartitions(connection: Queryable, table: PartitionedTable): Promise<Set<string>> {
  const rows = await connection.query<{ relname: string }>(sql`
    select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = ${`ohlcv.${table}`}::regclass`)
  return new Set(rows.map(({ relname }) => relname))
}

/** ATTACH locks the parent against other DDL only; CREATE … PARTITION OF would lock out readers and writers. */
function createPartition(table: PartitionedTable, week: EpochMs): string {
  const name = partitionName(table, week)
  return `
    create table ohlcv.${name} (like ohlcv.${table} including all);
    alter table ohlcv.${table} attach partition ohlcv.${name}
      for values from ('${formatTime(week)}') to ('${formatTime(week + WEEK_MS)}');`
}

/** With its rows; what vouches for them goes in the same transaction. */
export function dropPartition(table: PartitionedTable, week: EpochMs): string {
  return `drop table ohlcv.${partitionName(table, week)}`
}

/** The week a partition of ours is for. */
export function weekOf(table: PartitionedTable, name: string): Span | undefined {
  const since = Date.parse(name.slice(table.length + 1).replaceAll('_', '-'))
  return Number.isNaN(since) ? undefined : { since, until: since + timeframeMs('1w') }
}

/** The weeks that ascending `spans` touch, ascending. */
export function* weeksOf(spans: readonly Span[]): Generator<Span> {
  let done = Number.NEGATIVE_INFINITY
  for (const { since, until } of spans) {
    for (let week = Math.max(done, floorToTimeframe(since, '1w')); week < until; week = done) {
      done = week + timeframeMs('1w')
      yield { since: week, until: done }
    }
  }
}

/** Named for its Monday: `candles_2024_01_01`. */
function partitionName(table: PartitionedTable, week: EpochMs): string {
  return `${table}_${formatTime(week).slice(0, 10).replaceAll('-', '_')}`
}
