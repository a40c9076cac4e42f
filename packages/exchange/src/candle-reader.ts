import {
  type Candle,
  ceilToTimeframe,
  type EpochMs,
  type Page,
  type Span,
  type Timeframe,
  timeframeMs,
} from '@fullon/market'
import {
  buildCandlePage,
  type CandleAnswer,
  type CandleFacts,
  type CandleRequest,
  checkCandles,
  type Refuse,
} from './candle-page.js'
import { confirmSilence } from './confirm-silence.js'
import { ExchangeError } from './errors.js'
import type { CcxtCandle } from './load-ccxt.js'

// One page back, two, four …: six weeks, of minutes in pages of 500. A longer silence stays a gap.
const PROBES = 8
// What was searched in vain is asked for once a minute, and may have been an outage.
const SEARCH_AGAIN_MS = 3_600_000

export interface CandleSource {
  /** Rows from `since` on, ascending, at most `limit` (default: a full page); without it the newest. */
  readonly ask: (since?: EpochMs, limit?: number) => Promise<CandleAnswer>
  readonly refuse: Refuse
  readonly facts: CandleFacts & {
    /** Whether `limit`, and that `since` is obeyed, stand on more than ccxt's word. */
    readonly proven: boolean
  }
  /** What the page is for: less than one of its intervals is no progress. */
  readonly whole: Timeframe
  /** What was searched in vain for something older, by symbol and timeframe: up to where, and when. */
  readonly searched: Map<string, { readonly until: EpochMs; readonly at: EpochMs }>
}

/**
 * One page. With `since` and `until` it is the newest part of the span, and the whole page up to `until` is asked for:
 * so even a span where nothing happened comes with the candle before it, which shows that the exchange answered.
 */
export async function readCandlePage(source: CandleSource, request: CandleRequest): Promise<Page<Candle>> {
  const { facts } = source
  if (facts.newestOnly) return build(source, request, await source.ask())
  const { since, until, timeframe } = request
  const reach = facts.limit * timeframeMs(timeframe)
  const from = until === undefined ? since : Math.max(0, until - reach)
  // Some exchanges answer for a window of a page's length, and say nothing of what is behind it.
  const claimed =
    from === undefined
      ? request
      : { ...request, since: since === undefined ? undefined : Math.max(since, from), until: until ?? from + reach }
  const answer = await source.ask(from)
  const complete = await askOn(source, claimed, answer)
  const narrowed = await distrustStart(source, claimed, from, complete)
  const page = build(source, narrowed, complete)
  // Any row shows that the exchange answered: one before a silence, or one behind it, where `since` is obeyed.
  if (complete.rows.length > 0 || !page.covered) return page
  const { covered } = page
  const found = await confirmSilence({
    subject: `${request.symbol} ${timeframe}`,
    silent: covered,
    again: async () => {
      const repeated = await source.ask(covered.since)
      return repeated.rows.length > 0 ? repeated : undefined
    },
    control: async () => timesOf(await source.ask()),
    older: searchOlder(source, request, covered),
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
  const { rows: first } = answer
  const end = Math.min(request.until ?? Number.POSITIVE_INFINITY, answer.serverTime - facts.settleMs)
  const isSilent = request.since !== undefined && (lastOf(first) ?? Number.POSITIVE_INFINITY) < request.since
  if (facts.proven && !isSilent) return answer
  const rows = [...first]
  while (rows.length < facts.limit) {
    const last = lastOf(rows)
    if (last === undefined || last + timeframeMs(request.timeframe) >= end) break
    const following = (await ask(last)).rows
    if (following.length === 0) {
      const expected = `expected ${new Date(last).toISOString()} again, which it has just given, got nothing`
      throw new ExchangeError('BAD_RESPONSE', `${request.symbol} ${request.timeframe}: ${expected}`)
    }
    const more = following.filter(([timestamp]) => timestamp !== undefined && timestamp > last)
    if (more.length === 0) break
    rows.push(...more)
  }
  return { rows, serverTime: answer.serverTime }
}

/**
 * Where nothing proves that the exchange obeys `since`, what it answers may be its newest rows, or the oldest that it
 * has, whatever was asked for: ccxt cuts `since` and `limit` out of them itself. So a page begins at its first row,
 * unless some answer goes back behind its beginning.
 *
 * @throws ExchangeError NO_PROGRESS when there is no such row in the page, and nothing older is served
 */
async function distrustStart(
  { ask, facts, whole, searched }: CandleSource,
  request: CandleRequest,
  from: EpochMs | undefined,
  { rows, serverTime }: CandleAnswer,
): Promise<CandleRequest> {
  const { since, until = Number.POSITIVE_INFINITY, symbol, timeframe } = request
  const series = `${symbol} ${timeframe}`
  if (facts.proven || from === undefined || since === undefined) return request
  const [first = Number.POSITIVE_INFINITY] = rows[0] ?? []
  if (first <= since) return request
  if (Number.isFinite(first) && ceilToTimeframe(first, whole) < until) return { ...request, since: first }
  const last = searched.get(series)
  const isKnown = last !== undefined && until <= last.until && serverTime - last.at < SEARCH_AGAIN_MS
  for (let step = 0, back = 1; step < PROBES && !isKnown; step++, back *= 2) {
    const older = await ask(Math.max(0, from - back * facts.limit * timeframeMs(timeframe)))
    if (older.rows.some(([timestamp = since + 1]) => timestamp <= since)) return request
  }
  if (!isKnown) searched.set(series, { until, at: serverTime })
  const served = Number.isFinite(first) ? new Date(first).toISOString() : 'nothing'
  const expected = `expected a candle at ${new Date(since).toISOString()} or before, got ${served}`
  throw new ExchangeError('NO_PROGRESS', `${series}: ${expected} (nothing shows that anything older is served)`)
}

/** Looks for a page with rows further and further back, and then for the same one again. */
function searchOlder(
  { ask, facts, whole }: CandleSource,
  { symbol, timeframe }: CandleRequest,
  { since, until }: Span,
): () => Promise<EpochMs[]> {
  const pageMs = facts.limit * timeframeMs(timeframe)
  let step = 0
  return async () => {
    for (; step < PROBES; step++) {
      const times = timesOf(await ask(Math.max(0, since - 2 ** step * pageMs)))
      if (times.length > 0) return times
    }
    const message = `${symbol} ${timeframe}: expected the newest page or one before to hold rows, got none`
    throw new ExchangeError('BAD_RESPONSE', message, { silent: { since: ceilToTimeframe(since, whole), until } })
  }
}

function timesOf({ rows }: CandleAnswer): EpochMs[] {
  return rows.flatMap(([timestamp]) => timestamp ?? [])
}

function lastOf(rows: readonly CcxtCandle[]): EpochMs | undefined {
  return rows.at(-1)?.[0]
}
