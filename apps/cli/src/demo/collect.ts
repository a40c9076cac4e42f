import { setTimeout as delay } from 'node:timers/promises'
import { getComponentLogger } from '@fullon/log'
import type { EpochMs, Span } from '@fullon/market'
import { CandleRepository, type OhlcvDatabase, TradeRepository } from '@fullon/ohlcv'
import { runService } from '@fullon/ohlcv-service'
import type { SimulatedClock, Simulator } from '@fullon/simulator'
import { CommandError } from '../command-error.js'
import type { LiveTable } from '../live-table.js'
import type { DemoState, DemoStateFile } from './demo-state.js'
import type { Scenario } from './scenario.js'

export interface CollectOptions {
  readonly url: string
  readonly exchange: string
  readonly scenario: Scenario
  readonly clock: SimulatedClock
  readonly simulator: Simulator
  readonly ohlcv: OhlcvDatabase
  readonly stateFile: DemoStateFile
  readonly state: DemoState | undefined
  readonly table: LiveTable
}

const DAY_MS = 86_400_000
// Real time.
const LOOK_EVERY_MS = 500
const DROP_SOCKETS_AFTER_MS = 12_000
const GIVE_UP_AFTER_MS = 240_000

/**
 * Runs the service until all that is wanted before the scenario's target is stored and final.
 *
 * @returns from when on that is.
 */
export async function collect({
  url,
  exchange,
  scenario,
  clock,
  simulator,
  ohlcv,
  stateFile,
  state,
  table,
}: CollectOptions): Promise<EpochMs> {
  const log = getComponentLogger('fullon.ohlcv.daemon')
  await using service = await runService({ databaseUrl: url, ccxtOptions: simulator.ccxtOptions, clock, log })
  const { marketSince, target, backtestDays, dropsSockets, market } = scenario
  const startedAt = performance.now()
  let dropped = !dropsSockets
  for (;;) {
    stateFile.write({ ...state, marketSince, clock: clock.now() })
    const runningMs = performance.now() - startedAt
    if (!dropped && runningMs > DROP_SOCKETS_AFTER_MS) {
      dropped = true
      table.note(`the exchange drops its ${simulator.faults.dropSockets()} sockets`)
    }
    table.draw(`exchange time ${new Date(clock.now()).toISOString().slice(0, 19)}`, service.status())
    const wanted = { since: clock.now() - backtestDays * DAY_MS, until: target }
    const left = await unconfirmed(ohlcv, exchange, market.symbols, wanted)
    if (dropped && clock.now() > target && left.length === 0) return wanted.since
    if (runningMs > GIVE_UP_AFTER_MS)
      throw new CommandError(
        `demo: expected all gaps closed within ${GIVE_UP_AFTER_MS / 1000} s, still open: ${left.join(', ')}`,
      )
    await delay(LOOK_EVERY_MS)
  }
}

async function unconfirmed(
  ohlcv: OhlcvDatabase,
  exchange: string,
  symbols: readonly string[],
  wanted: Span,
): Promise<string[]> {
  const series = symbols.flatMap((symbol) => [
    { name: `${symbol} candles`, repository: new CandleRepository(ohlcv, exchange, symbol, '1m') },
    { name: `${symbol} trades`, repository: new TradeRepository(ohlcv, exchange, symbol) },
  ])
  const gaps = await Promise.all(series.map(({ repository }) => repository.gaps({ ...wanted, strength: 'confirmed' })))
  return series.filter((_, index) => (gaps[index]?.length ?? 0) > 0).map(({ name }) => name)
}
