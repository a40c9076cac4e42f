import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type postgres from 'postgres'
import { expect, onTestFinished } from 'vitest'
import { CandleRepository, openOhlcv, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { findLocalServer, type LocalServer } from './local-server.js'
import { candles, minutes, trade } from './rows.js'

const build = { timeframe: '1m' }

test('a disk that fills up says so, keeps nothing of that save, and takes it once there is space', async ({
  database,
  symbol,
  skip,
}) => {
  const server = await findLocalServer(database.sql)
  if (!server) return skip('the server is on another machine')
  const disk = mountSmallDisk(server)
  if (!disk) return skip('no file system can be mounted here (only root on Linux may)')
  const tablespace = await useDisk(database.sql, disk)

  const url = new URL(database.url)
  url.searchParams.set('options', `-c default_tablespace=${tablespace}`) // where it makes its weeks
  await using db = await openOhlcv({ url: url.href })
  const repo = new CandleRepository(db, 'kraken', symbol, '1m')
  const trades = new TradeRepository(db, 'kraken', symbol)
  const small = { rows: candles(0, 10), covered: minutes(0, 10) }
  expect(await repo.saveCandles(small)).toMatchObject({ inserted: 10 })

  const large = { rows: candles(0, 100_000, 101), covered: minutes(0, 100_000) }
  const full = { name: 'OhlcvError', code: 'DISK_FULL', transient: false, cause: { code: '53100' } }
  await expect(repo.saveCandles(large)).rejects.toMatchObject(full)
  expect(await repo.getCandles()).toEqual(small.rows)
  expect((await repo.coverage()).covered).toEqual([small.covered])

  const prints = { rows: Array.from({ length: 50_000 }, (_, index) => trade(index / 5, 100)), covered: large.covered }
  await expect(trades.saveTrades(prints, { build })).rejects.toMatchObject(full)
  expect(await trades.coverage()).toMatchObject({ covered: [] })

  remount(disk, '256m')
  expect(await repo.saveCandles(large)).toMatchObject({ inserted: 99_990, corrected: 10 })
  expect(await trades.saveTrades(prints, { build })).toMatchObject({ inserted: 50_000, built: 0 })
})

/** 2 MB of memory as a disk. */
function mountSmallDisk({ uid, gid }: LocalServer): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'fullon-disk-'))
  onTestFinished(() => rmdirSync(folder))
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).status !== 0) return undefined
  onTestFinished(() => void spawnSync('umount', ['--lazy', folder]))
  chownSync(folder, uid, gid)
  return folder
}

function remount(disk: string, size: string): void {
  expect(spawnSync('mount', ['-o', `remount,size=${size}`, disk]).status).toBe(0)
}

async function useDisk(sql: postgres.Sql, disk: string): Promise<string> {
  const tablespace = `disk_${randomBytes(6).toString('hex')}`
  await sql.unsafe(`create tablespace ${tablespace} location '${disk}'`)
  onTestFinished(async () => {
    await sql.unsafe('drop table ohlcv.candles, ohlcv.trades')
    await sql.unsafe(`drop tablespace ${tablespace}`)
  })
  return tablespace
}
