import type { Connections } from '../connections.js'
import { LOCKS, type Queryable } from '../sql/queryable.js'
import { sql } from '../sql/sql.js'
import { seriesAndCoverage } from './0001-series-and-coverage.js'
import { seals } from './0002-seals.js'
import { coverageFillfactor } from './0003-coverage-fillfactor.js'

/** In order; one that was published is never changed. */
export const MIGRATIONS: readonly { readonly name: string; readonly statements: string }[] = [
  { name: '0001_series_and_coverage', statements: seriesAndCoverage },
  { name: '0002_seals', statements: seals },
  { name: '0003_coverage_fillfactor', statements: coverageFillfactor },
]

/** Applies what is missing, all or nothing. Of processes that start at once, one applies and the others wait. */
export async function migrate(connections: Connections): Promise<void> {
  // Looked at first without a lock or DDL, so that a role that may only read can open a migrated database.
  if ((await connections.use(listMissing)).length === 0) return
  await connections.transaction(async (connection) => {
    await connection.query(sql`select pg_advisory_xact_lock(${LOCKS.space}, ${LOCKS.migrations})`)
    await connection.query(`
      create schema if not exists ohlcv;
      create table if not exists ohlcv.migrations (name text primary key, applied_at timestamptz not null default now());
    `)
    for (const { name, statements } of await listMissing(connection)) {
      await connection.query(statements)
      await connection.query(sql`insert into ohlcv.migrations (name) values (${name})`)
    }
  })
}

async function listMissing(connection: Queryable): Promise<typeof MIGRATIONS> {
  const [found] = await connection.query(sql`select to_regclass('ohlcv.migrations') is not null as exists`)
  if (!found?.exists) return MIGRATIONS
  const applied = new Set(
    (await connection.query<{ name: string }>(sql`select name from ohlcv.migrations`)).map(({ name }) => name),
  )
  return MIGRATIONS.filter(({ name }) => !applied.has(name))
}
