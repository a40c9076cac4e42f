import { Client } from 'pg'
import { expect } from 'vitest'
import { CandleRepository, OhlcvError, openOhlcv } from '../src/index.js'
import { type Cluster, copyAsStandby, createCluster } from './cluster.js'
import { test } from './fixtures.js'
import { findLocalServer } from './local-server.js'
import { candles, minutes } from './rows.js'

const PATIENCE = { timeout: 30_000 }
const page = { rows: candles(0, 3), covered: minutes(0, 3) }
const next = { rows: candles(3, 6), covered: minutes(3, 6) }

test('a standby is read, says that it takes no writes, and takes them once it is the primary', {
  timeout: 120_000,
}, async ({ database, skip }) => {
  const server = await findLocalServer(database.sql)
  if (!server || process.platform === 'win32') return skip('the server is on another machine, or on Windows')
  const primary = createCluster(server)
  primary.start()
  await save(primary, page)
  await primary.stop()
  const standby = copyAsStandby(primary, server)
  primary.start()
  standby.start({ primary_conninfo: `host=${primary.folder} user=postgres` })

  await using db = await untilOpen(standby)
  const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
  await save(primary, next)
  await expect.poll(() => repo.getCandles(), PATIENCE).toEqual(candles(0, 6))
  const late = { rows: candles(6, 9), covered: minutes(6, 9) }
  const refused = { name: 'OhlcvError', code: 'READ_ONLY', cause: { code: '25006' } }
  await expect(repo.saveCandles(late)).rejects.toMatchObject(refused)
  await expect(repo.markUnavailable(minutes(-3, 0), 'too old')).rejects.toMatchObject(refused)
  expect(await repo.gaps(minutes(0, 9))).toEqual([minutes(6, 9)])

  await primary.kill()
  await promote(standby)
  expect(await repo.saveCandles(late)).toMatchObject({ inserted: 3 })
  expect(await repo.getCandles()).toEqual(candles(0, 9))
})

async function save(cluster: Cluster, saved: typeof page): Promise<void> {
  await using db = await untilOpen(cluster)
  await new CandleRepository(db, 'kraken', 'BTC/USD', '1m').saveCandles(saved)
}

/** It may be starting. */
async function untilOpen({ url }: Cluster) {
  const deadline = Date.now() + PATIENCE.timeout
  for (;;) {
    try {
      return await openOhlcv({ url })
    } catch (error) {
      if (!(error instanceof OhlcvError && error.transient) || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

async function promote({ url }: Cluster): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('select pg_promote()') // waits until it is done
  await client.end()
}
