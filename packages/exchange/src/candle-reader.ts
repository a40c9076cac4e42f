import { type Candle, type EpochMs, type Page, timeframeMs } from '@fullon/market'
import {
  buildCandlePage,
  type CandleAnswer,
  type CandleFacts,
  type CandleRequest,
  checkCandles,
  type Refuse,
} from './candle-page.js'
import { confirmSilence } from './confirm-silence.js'
import type { CcxtCandle } from './load-ccxt.js'

export interface CandleSource {
  /** Rows from `since` on, ascending, at most `limit` (default: a full page); without it the newest. */
  readonly ask: (since?: EpochMs, limit?: number) => Promise<CandleAnswer>
  readonly refuse: Refuse
  readonly facts: CandleFacts & {
    /** Whether `limit`, and that `since` is obeyed, stand on more than ccxt's word. */
    readonly proven: boolean
  }
}

/**
 * One page. With `since` and `until` it is the newest part of the span, and the whole page up to `until` is asked for:
 * so even a span where nothing happened comes with the candle before it, which shows that the exchange answered.
 */
export async function readCandlePage(source: CandleSource, request: CandleRequest): Promise<Page<Candle>> {
  const { facts } = source
  if (facts.newestOnly) return build(source, request, await source.ask())
  const { since, until, timeframe } = request
  const reach = until === undefined ? undefined : Math.max(0, until - facts.limit * timeframeMs(timeframe))
  const from = reach ?? since
  const claimed = { ...request, since: since === undefined ? undefined : Math.max(since, reach ?? since) }
  const answer = await source.ask(from)
  const complete = await askOn(source, claimed, answer)
  const narrowed = await distrustStart(source, claimed, from, complete)
  const page = build(source, narrowed, complete)
  // Any row shows that the exchange answered: one before a silence, or one behind it, where `since` is obeyed.
  if (complete.rows.length > 0 || !page.covered) return page
  const { covered } = page
  const found = await confirmSilence({
    subject: `${request.symbol} ${timeframe}`,
    again: async () => {
      const repeated = await source.ask(covered.since)
      return repeated.rows.some(([timestamp = covered.until]) => timestamp < covered.until) ? repeated : undefined
    },
    control: async () => (await source.ask()).rows.length > 0,
  })
  return found ? build(source, { ...narrowed, since: covered.since }, found) : page
}

function build({ refuse, facts }: CandleSource, request: CandleRequest, answer: CandleAnswer): Page<Candle> {
  return buildCandlePage(checkCandles(answer, request, refuse), request, facts)
}

/**
 * A page shorter than its limit may have been cut: where the limit is only ccxt's word, or nothing else speaks for a
 * silent span, it is asked on from the last row until nothing follows.
 */
async function askOn(
  { ask, facts }: CandleSource,
  request: CandleRequest,
  answer: CandleAnswer,
): Promise<CandleAnswer> {
  const rows = [...answer.rows]
  const end = Math.min(request.until ?? Number.POSITIVE_INFINITY, answer.serverTime - facts.settleMs)
  const isSilent = request.since !== undefined && (lastOf(rows) ?? Number.POSITIVE_INFINITY) < request.since
  if (facts.proven && !isSilent) return answer
  while (rows.length < facts.limit) {
    const last = lastOf(rows)
    if (last === undefined || last + timeframeMs(request.timeframe) >= end) break
    const more = (await ask(last)).rows.filter(([timestamp]) => timestamp !== undefined && timestamp > last)
    if (more.length === 0) break
    rows.push(...more)
  }
  return { rows, serverTime: answer.serverTime }
}

/**
 * Where nothing proves that the exchange obeys `since`, silence before the first row is not believed if the same `since`
 * with another limit is answered with another row: then these are the newest rows, whatever was asked for.
 */
async function distrustStart(
  { ask, facts }: CandleSource,
  request: CandleRequest,
  from: EpochMs | undefined,
  { rows }: CandleAnswer,
): Promise<CandleRequest> {
  const first = rows[0]?.[0]
  if (facts.proven || from === undefined || first === undefined || first <= (request.since ?? first)) return request
  const [probe] = (await ask(from, 1)).rows
  return probe === undefined || probe[0] === first ? request : { ...request, since: first }
}

function lastOf(rows: readonly CcxtCandle[]): EpochMs | undefined {
  return rows.at(-1)?.[0]
}
