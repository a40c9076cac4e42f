import type { EpochMs, Page, Span, Trade } from '@fullon/market'
import { confirmSilence } from './confirm-silence.js'
import { ExchangeError } from './errors.js'
import { readBackward } from './trade-page-backward.js'
import type { ForwardPaging, TradeAnswer, TradeAsk, TradePaging } from './trade-paging.js'
import { firstTime, lastTime, rowCount, type TradeSource, unlessEmpty, vouchTrades } from './trade-source.js'

/** One page of trade history: the oldest part of the span where the exchange pages forwards, else the newest. */
export async function readTradePage(source: TradeSource, paging: TradePaging, span: Span): Promise<Page<Trade>> {
  switch (paging.direction) {
    case 'forward':
      return readForward(source, paging, span)
    case 'backward':
      return readBackward(source, paging, span)
    case 'newest':
      return readNewest(source, span)
    case 'none':
      throw new ExchangeError('UNSUPPORTED', `${source.subject}: the exchange serves none by REST`)
  }
}

/** A full page vouches up to its last trade's millisecond, exclusive: the rest of that millisecond may be on the next page. */
async function readForward(source: TradeSource, paging: ForwardPaging, { since, until }: Span): Promise<Page<Trade>> {
  const { windowMs = Number.POSITIVE_INFINITY } = paging
  const span = { since, until: Math.min(until, since + windowMs) }
  const answers: TradeAnswer[] = []
  let ask = paging.first(since, until)
  let answer = await askBelieved(source, paging, { ask, span, answers })
  answers.push(answer)
  // By cursor until the first millisecond is left, however many pages it fills.
  while (rowCount(answer) >= source.limit && lastTime(answer) <= since) {
    ask = nextAsk(source, paging, ask, answer)
    answer = await askBelieved(source, paging, { ask, span, answers })
    answers.push(answer)
  }
  const end = rowCount(answer) >= source.limit ? lastTime(answer) : Number.POSITIVE_INFINITY
  return vouchTrades(source, answers, { since, until: Math.min(span.until, end) }, answer.serverTime)
}

/** Nothing but the newest trades: they vouch from behind their first millisecond, which may be cut. */
async function readNewest(source: TradeSource, { since, until }: Span): Promise<Page<Trade>> {
  const answer = await source.ask({})
  if (rowCount(answer) === 0) {
    throw new ExchangeError('BAD_RESPONSE', `${source.subject}: expected the newest trades, got none`)
  }
  const reach = firstTime(answer) + 1
  const page = vouchTrades(source, [answer], { since: Math.max(since, reach), until }, answer.serverTime)
  if (since >= reach || rowCount(answer) < source.limit) return page
  const reason = `${source.subject}: only the ${source.limit} newest are served`
  return { ...page, unavailable: { since, until: Math.min(until, reach), reason } }
}

function nextAsk(
  { subject, limit }: TradeSource,
  { next }: ForwardPaging,
  ask: TradeAsk,
  answer: TradeAnswer,
): TradeAsk {
  const at = `${subject}: more than the ${limit} trades of a page at ${new Date(lastTime(answer)).toISOString()}`
  if (!next) throw new ExchangeError('NO_PROGRESS', `${at}, and the exchange has no cursor`)
  const following = next(answer)
  if (JSON.stringify(following) === JSON.stringify(ask)) {
    throw new ExchangeError('NO_PROGRESS', `${at}, and the same page again after it`)
  }
  return following
}

interface Asking {
  readonly ask: TradeAsk
  /** What it is asked for. */
  readonly span: Span
  /** To what was asked before it. */
  readonly answers: readonly TradeAnswer[]
}

/**
 * Silence is shown by an answer that begins with a trade from before it, or by the newest trades, asked for without a
 * cursor, when all of them are older. Else trades are there later on: then only an exchange that answers for a window
 * may have none, and is asked again.
 */
async function askBelieved(source: TradeSource, paging: ForwardPaging, asking: Asking): Promise<TradeAnswer> {
  const { subject, settleMs, anchors } = source
  const { ask, answers } = asking
  const answer = await source.ask(ask)
  if (paging.from) anchors.add(answer.trades)
  if (rowCount(answer) > 0) return answer
  const known = new Set(answers.flatMap(({ trades }) => trades).map(({ id }) => id))
  const { since } = asking.span
  const silent = { since, until: Math.min(asking.span.until, answer.serverTime - settleMs) }
  const newest = await source.ask({})
  if (rowCount(newest) > 0 && (timesOf(newest, known).at(-1) ?? Number.NEGATIVE_INFINITY) < since) return answer
  if (paging.windowMs === undefined) {
    const seen = rowCount(newest) > 0 ? new Date(lastTime(newest)).toISOString() : 'not served'
    const expected = `expected trades from ${new Date(since).toISOString()} on (the newest is ${seen})`
    throw new ExchangeError('BAD_RESPONSE', `${subject}: ${expected}, got none`)
  }
  const past = await askPast(source, paging, since)
  if (past) return past
  const found = await confirmSilence({
    subject,
    silent,
    again: async () => unlessEmpty(await source.ask(ask)),
    control: async () => timesOf(await source.ask({}), known),
  })
  return found ?? answer
}

/** From the last trade that is known before `since` to one after it: what is between them is all that there is. */
async function askPast({ ask, anchors }: TradeSource, { from }: ForwardPaging, since: EpochMs) {
  const known = anchors.before(since)
  if (!from || !known) return undefined
  const id = known.id.toString()
  const answer = await ask(from(id))
  return answer.trades[0]?.id === id && lastTime(answer) >= since ? answer : undefined
}

function timesOf({ trades, refused }: TradeAnswer, known: ReadonlySet<string>): EpochMs[] {
  const times = trades.filter(({ id }) => !known.has(id)).map(({ timestamp }) => timestamp)
  return [...times, ...refused].sort((a, b) => a - b)
}
