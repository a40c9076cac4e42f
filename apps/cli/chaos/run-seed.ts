import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { openScratchDatabase } from '@fullon/embedded'
import { CandleRepository, type OhlcvDatabase, openOhlcv, TradeRepository } from '@fullon/ohlcv'
import { DatabaseContext } from '@fullon/orm'
import { createSeededMarket, createSimulatedClock, type Simulator, startSimulator } from '@fullon/simulator'
import { type Verdict, verify } from '../src/demo/verify.js'
import { ChaosFaults } from './chaos-faults.js'
import { faultSchedule } from './fault-schedule.js'
import { ServiceProcess } from './service-process.js'

export interface SeedOptions {
  readonly seed: number
  /** Simulated. */
  readonly hours: number
  readonly speed: number
  /** Of a server; the embedded one without it. */
  readonly serverUrl?: string | undefined
  readonly logFile: string
}

export interface SeedResult {
  readonly seed: number
  readonly verdict: Verdict
  readonly faults: Readonly<Record<string, number>>
  /** Series that were not final in time, and crashes of the service; empty when all went well. */
  readonly problems: readonly string[]
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MARKET_SINCE = Date.UTC(2026, 0, 5)
/** kraken, one symbol that is often quiet. */
const SYMBOLS = [
  { symbol: 'BTC/USD', price: 64_000, amount: 0.02, tradesPerMinute: 6 },
  { symbol: 'ADA/USD', price: 0.45, priceDecimals: 4, amount: 700, tradesPerMinute: 4, quiet: 0.4 },
  { symbol: 'ETH/USD', price: 3_100, amount: 0.4, tradesPerMinute: 5 },
]
/** Real time to converge in once faults stop. */
const CONVERGE_WITHIN_MS = 120_000
const HANGS_AFTER_MS = 60_000

/** One seeded run: faults for `hours`, then peace, then every stored row against the truth. */
export async function runSeed({ seed, hours, speed, serverUrl, logFile }: SeedOptions): Promise<SeedResult> {
  const start = MARKET_SINCE + 2 * DAY_MS
  const timing = { start, speed, startedAt: Date.now() }
  const clock = createSimulatedClock(timing)
  await using scratch = await openScratchDatabase({ serverUrl })
  await using simulator = await startSimulator({
    market: createSeededMarket({ seed, since: MARKET_SINCE, symbols: SYMBOLS }),
    clock,
  })
  await using db = await DatabaseContext.open({ url: scratch.url })
  await using ohlcv = await openOhlcv({ url: scratch.url })
  const service = new ServiceProcess({
    databaseUrl: scratch.url,
    ccxtOptions: simulator.ccxtOptions,
    clock: timing,
    logFile,
  })
  await using chaos = await ChaosFaults.open({ url: scratch.url, db, simulator, service, clock })
  service.start()
  try {
    for (const fault of faultSchedule(seed, hours * HOUR_MS)) {
      await clock.sleep(Math.max(0, start + fault.atMs - clock.now()))
      appendFileSync(logFile, `${JSON.stringify({ clock: new Date(clock.now()).toISOString(), fault })}\n`)
      await within(`fault ${fault.kind}`, chaos.apply(fault))
    }
    await within('the end of faults', chaos.stop())
    const until = clock.now() + 10 * 60_000
    const late = await untilFinal(ohlcv, chaos.wanted(), { until, now: () => clock.now() })
    await within('SIGTERM', service.end('SIGTERM'))
    const verdict = await within('verify', verify(scratch.url, publishedBy(simulator), { since: start, until }))
    return { seed, verdict, faults: chaos.counts, problems: [...late, ...service.crashes] }
  } finally {
    await service.end('SIGKILL')
  }
}

interface WantedSeries {
  readonly symbol: string
  readonly backtestDays: number
}

/** Waits until nothing before `until` is unconfirmed; names what still is when patience ends. */
async function untilFinal(
  ohlcv: OhlcvDatabase,
  wanted: readonly WantedSeries[],
  { until, now }: { until: number; now: () => number },
): Promise<string[]> {
  const giveUpAt = performance.now() + CONVERGE_WITHIN_MS
  for (;;) {
    const open: string[] = []
    for (const { symbol, backtestDays } of wanted) {
      const span = { since: now() - backtestDays * DAY_MS, until, strength: 'confirmed' } as const
      const gaps = [
        ...(await new CandleRepository(ohlcv, 'kraken', symbol, '1m').gaps(span)),
        ...(await new TradeRepository(ohlcv, 'kraken', symbol).gaps(span)),
      ]
      if (gaps[0])
        open.push(
          `${symbol} is not final from ${new Date(gaps[0].since).toISOString()} to ${new Date(gaps[0].until).toISOString()}`,
        )
    }
    if (open.length === 0 && now() > until) return []
    if (performance.now() > giveUpAt) return open
    await delay(200)
  }
}

function publishedBy({ truth }: Simulator) {
  const all = { since: MARKET_SINCE, until: Number.MAX_SAFE_INTEGER }
  return truth.symbols.map((symbol) => ({
    exchange: 'kraken',
    symbol,
    candles: truth.candles(symbol, '1m', all),
    trades: truth.trades(symbol, all),
  }))
}

/** A hang is a failure with a name. */
async function within<T>(what: string, step: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const limit = delay(HANGS_AFTER_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`chaos: expected ${what} to end within ${HANGS_AFTER_MS} ms`)
  })
  limit.catch(() => {}) // aborted below
  try {
    return await Promise.race([step, limit])
  } finally {
    timer.abort()
  }
}
