import { type Candle, type Clock, type Page, type Span, systemClock } from '@fullon/market'
import { onTestFinished } from 'vitest'
import { CandleRepository, type Collection, collect, findWork, newSeriesStatus } from '../src/index.js'
import type { TestDatabase } from './fixtures.js'
import { candle, candles, minute, minutes } from './rows.js'

export const WAIT = { timeout: 20_000, interval: 10 }
/** Minutes that have settled. */
export const NOW = 100

/** Waits of seconds are over in milliseconds; the time of day stands, except for what a test adds. */
function hastyClock() {
  let passedMs = 0
  const clock: Clock = {
    now: () => minute(NOW) + passedMs,
    sleep: (delayMs, options) => systemClock.sleep(delayMs / 1_000, options),
  }
  const pass = (ms: number) => {
    passedMs += ms
  }
  return { clock, pass }
}

export type Batch = Page<Candle> | undefined

/** An exchange in the test's hands, and one series of it that is collected until the test ends. */
export function start({ db }: TestDatabase, symbol: string, given: Partial<Collection<Candle, Batch>> = {}) {
  const candleRepo = new CandleRepository(db, 'kraken', symbol, '1m')
  const { clock, pass } = hastyClock()
  const status = newSeriesStatus(candleRepo.series, clock.now())
  const [warnings, infos]: [object[], object[]] = [[], []]
  const stop = new AbortController()
  let give = (_: Batch | Error) => {}
  let subscriptions = 0
  async function* watch(signal: AbortSignal): AsyncGenerator<Batch> {
    const batches: (Batch | Error)[] = [undefined] // nothing in it: it stands
    let wake = () => {}
    give = (batch) => {
      batches.push(batch)
      wake()
    }
    signal.addEventListener('abort', () => give(signal.reason))
    subscriptions++
    for (;;) {
      while (batches.length > 0) {
        const batch = batches.shift()
        if (batch instanceof Error) throw batch
        yield batch
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const options = { since: minute(0), settleMs: 0, auditDelayMs: 10 * 60_000, auditEveryMs: 60_000 }
  const collection: Collection<Candle, Batch> = {
    status,
    watch,
    pagesOf: (batch) => (batch ? [batch] : []),
    onStored: async () => {},
    horizon: () => clock.now(),
    next: () => findWork(candleRepo, { ...options, now: clock.now(), liveSince: status.liveSince }),
    fetch: async ({ since, until }: Span) => ({
      rows: published({ since, until }),
      covered: { since, until },
      confirmedUntil: minute(NOW - 10),
    }),
    save: (page) => candleRepo.saveCandles(page),
    ...given,
  }
  const logger = {
    debug: () => {},
    info: (fields: object) => infos.push(fields),
    warn: (fields: object) => warnings.push(fields),
  }
  const loop = { clock, random: () => 0, now: () => clock.now(), signal: stop.signal, logger }
  const ended = collect(collection, loop)
  onTestFinished(async () => {
    stop.abort()
    await ended
  })
  const own = { give: (batch: Batch | Error) => give(batch), subscriptions: () => subscriptions }
  return { candleRepo, status, warnings, infos, stop, ended, pass, ...own }
}

export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

/** What the exchange has of a span. */
export function published({ since, until }: Span): Candle[] {
  return candles(0, NOW).filter((row) => row.timestamp >= since && row.timestamp < until)
}

export const live = (index: number) => ({ rows: [candle(index, 107)], covered: minutes(index, index + 1) })
