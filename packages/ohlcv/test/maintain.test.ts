import { openScratchDatabase } from '@fullon/embedded'
import { type Clock, timeframeMs } from '@fullon/market'
import { expect, onTestFinished, test } from 'vitest'
import { CandleRepository, maintain, type OhlcvDatabase, openOhlcv, TradeRepository } from '../src/index.js'
import { candle, candles, minute, minutes, trade } from './rows.js'

const DAY_MS = timeframeMs('1d')
const HOUR_MS = timeframeMs('1h')

/** A database of its own: retention is about all series. */
async function open() {
  const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const db = await openOhlcv({ url: scratch.url })
  onTestFinished(async () => {
    await db.close()
    await scratch.close()
  })
  return db
}

/** Time that passes only in sleeps, each of which a test allows by `next`; that waits until what follows it is done. */
function steppedClock(start: number) {
  let now = start
  let wake = () => {}
  let onAsleep = () => {}
  let asleep = new Promise<void>((resolve) => {
    onAsleep = resolve
  })
  const slept: number[] = []
  const clock: Clock = {
    now: () => now,
    sleep: (delayMs, { signal } = {}) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
        wake = () => {
          now += delayMs
          resolve()
        }
        slept.push(delayMs)
        onAsleep()
      }),
  }
  const next = async () => {
    await asleep
    asleep = new Promise((resolve) => {
      onAsleep = resolve
    })
    wake()
    await asleep
  }
  return { clock, next, slept }
}

function start(db: OhlcvDatabase, clock: Clock) {
  const stop = new AbortController()
  const [infos, warnings]: [object[], object[]] = [[], []]
  const keepMs = ({ timeframe }: { timeframe?: unknown }) => (timeframe ? undefined : DAY_MS)
  const logger = {
    debug: () => {},
    info: (fields: object) => infos.push(fields),
    warn: (fields: object) => warnings.push(fields),
  }
  const ended = maintain(db, { keepMs, clock, signal: stop.signal, logger })
  onTestFinished(() => stop.abort())
  return { infos, warnings, stop, ended }
}

test('drops what is not kept any longer, every hour, and leaves what is', async () => {
  const db = await open()
  const [repo, trades] = [
    new CandleRepository(db, 'kraken', 'BTC/USD', '1m'),
    new TradeRepository(db, 'kraken', 'BTC/USD'),
  ]
  await repo.saveCandles({ rows: candles(0, 3), covered: minutes(0, 3) })
  const rows = [trade(0), trade(120)]
  await trades.saveTrades({ rows, covered: minutes(0, 121) })
  // An hour more is kept than is asked for.
  const { clock, next, slept } = steppedClock(minute(90) + DAY_MS)
  const { infos, warnings, stop, ended } = start(db, clock)
  await next()
  expect(await trades.getTradesInRange(minutes(0, 121))).toEqual([trade(120)])
  await next()
  await next()
  expect(await trades.getTradesInRange(minutes(0, 121))).toEqual([])
  expect(await repo.getCandles()).toEqual(candles(0, 3))
  expect(await repo.gaps(minutes(0, 3))).toEqual([])
  expect(slept).toEqual([60_000, HOUR_MS, HOUR_MS, HOUR_MS])
  expect(infos).toEqual([
    { kind: 'trades', partitions: 0, rows: 1 },
    { kind: 'trades', partitions: expect.any(Number), rows: expect.any(Number) },
  ])
  expect(warnings).toEqual([])
  stop.abort()
  await ended
})

test('seals a week that is over and quiet', async () => {
  const db = await open()
  const repo = new CandleRepository(db, 'kraken', 'BTC/USD', '1m')
  await repo.saveCandles({ rows: [candle(0), candle(1)], covered: minutes(0, 2) })
  const { clock, next } = steppedClock(minute(0) + 9 * DAY_MS)
  const { infos } = start(db, clock)
  await next()
  expect(infos).toEqual([])
  await next()
  expect(infos).toEqual([{ sealed: [expect.objectContaining({ since: minute(0) })], busy: 0, left: 0 }])
  expect(await repo.getCandles()).toHaveLength(2)
})

test('goes on after a failure, and says what failed', async () => {
  const db = await open()
  const { clock, next, slept } = steppedClock(minute(0))
  const { warnings } = start(db, clock)
  await db.close()
  await next()
  expect(warnings).toEqual(Array(3).fill({ err: expect.any(Error), delayMs: HOUR_MS })) // both kinds, and sealing
  await next()
  expect(slept).toHaveLength(3)
})
