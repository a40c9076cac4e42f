import type { Page, Span, Trade } from '@fullon/market'
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
  let ask = paging.first(since, until)
  let answer = await source.ask(ask)
  if (rowCount(answer) === 0) answer = await believedSilence(source, paging, since, ask, answer)
  const answers = [answer]
  // By cursor until the first millisecond is left, however many pages it fills.
  while (rowCount(answer) >= source.limit && lastTime(answer) <= since) {
    ask = nextAsk(source, paging, ask, answer)
    answer = await source.ask(ask)
    answers.push(answer)
  }
  const end = rowCount(answer) >= source.limit ? lastTime(answer) : Number.POSITIVE_INFINITY
  const span = { since, until: Math.min(until, since + windowMs, end) }
  return vouchTrades(source, answers, span, answer.serverTime)
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

/**
 * Silence is shown by the newest trades, asked for without a cursor, when all of them are older than the span. Else
 * trades are there later on: then only an exchange that answers for a window may have none, and is asked again.
 */
async function believedSilence(
  { subject, ask }: TradeSource,
  { windowMs }: ForwardPaging,
  since: number,
  empty: TradeAsk,
  answer: TradeAnswer,
): Promise<TradeAnswer> {
  const newest = await ask({})
  if (rowCount(newest) > 0 && lastTime(newest) < since) return answer
  if (windowMs === undefined) {
    const seen = rowCount(newest) > 0 ? new Date(lastTime(newest)).toISOString() : 'not served'
    const expected = `expected trades from ${new Date(since).toISOString()} on (the newest is ${seen})`
    throw new ExchangeError('BAD_RESPONSE', `${subject}: ${expected}, got none`)
  }
  const found = await confirmSilence({
    subject,
    again: async () => unlessEmpty(await ask(empty)),
    control: async () => rowCount(await ask({})) > 0,
  })
  return found ?? answer
}
