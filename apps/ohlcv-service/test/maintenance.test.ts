import { CandleRepository } from '@fullon/ohlcv'
import postgres from 'postgres'
import { expect, it, vi } from 'vitest'
import { MINUTE_MS, openScene, untilLive, WAIT } from './scene.js'

const WEEK_BEFORE = Date.UTC(2025, 11, 29)

it('ends while a past week is being sealed, which stays as it was', { timeout: 180_000 }, async () => {
  await using scene = await openScene({ speed: 600, symbols: { 'ADA/USD': {} } })
  const candles = new CandleRepository(scene.ohlcv, 'kraken', 'ETH/USD', '1m')
  const covered = { since: WEEK_BEFORE, until: WEEK_BEFORE + 100 * MINUTE_MS }
  const rows = Array.from({ length: 100 }, (_, index) => {
    return { timestamp: WEEK_BEFORE + index * MINUTE_MS, open: 1, high: 3, low: 1, close: 2, volume: 5 }
  })
  await candles.saveCandles({ rows, covered })
  const sql = postgres(scene.url, { onnotice: () => {} })
  try {
    await neverEndClustering(sql)
    const service = await scene.run()
    await untilLive(service, 2)
    await vi.waitFor(async () => expect(await clustering(sql)).toHaveLength(1), WAIT)
    await service.close()
    expect(await candles.getCandles()).toEqual(rows) // waits until the server has seen that nobody needs it
    expect(await sql`select from ohlcv.seals where sealed_changes is not null`).toHaveLength(0)
  } finally {
    await sql.end()
  }
})

/** CLUSTER computes the index anew, and so waits. */
async function neverEndClustering(sql: postgres.Sql): Promise<void> {
  await sql`
    create function slow(value float8) returns float8 immutable language plpgsql as $$ begin
      while current_query() like '%cluster ohlcv%' loop perform pg_sleep(0.01); end loop;
      return value;
    end $$`
  await sql`create index on ohlcv.candles_2025_12_29 (slow(open))`
}

function clustering(sql: postgres.Sql) {
  return sql`
    select from pg_stat_activity
    where datname = current_database() and query like '%cluster ohlcv%' and state = 'active' and pid <> pg_backend_pid()`
}
