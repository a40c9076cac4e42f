import type { EpochMs, Page, Span, Trade, Unavailable } from '@fullon/market'
import { confirmSilence } from './confirm-silence.js'
import { ExchangeError } from './errors.js'
import type { Anchor } from './trade-anchors.js'
import type { BackwardPaging, TradeAnswer } from './trade-paging.js'
import { firstTime, lastTime, rowCount, type TradeSource, unlessEmpty, vouchTrades } from './trade-source.js'

// Ids of 2^53 are halved down to one within 53 steps, and every second step halves.
const MOST_STEPS = 110
// It happens once a symbol, and what it says is that all that is older was silence.
const BEGINNING_ROUNDS = 12
const DAY_MS = 86_400_000
// Our reading of the exchange's time against its own.
const KEPT_MARGIN_MS = 3_600_000

/**
 * The newest page of the span, of an exchange that pages by id from the newest backwards. A page vouches from behind
 * its first trade's millisecond on, however short it is; only one that stays empty is the beginning.
 */
export async function readBackward(source: TradeSource, paging: BackwardPaging, span: Span): Promise<Page<Trade>> {
  const lost = notKept(source, paging, span)
  if (lost?.until === span.until) return { rows: [], unavailable: lost }
  const first = await seek(source, paging, span.until)
  const answers = [first]
  let oldest = first
  // By cursor until the last millisecond is left, however many pages it fills.
  while (rowCount(oldest) > 0 && firstTime(oldest) >= span.until - 1) {
    oldest = await askBefore(source, paging, oldestId(source, oldest))
    answers.push(oldest)
  }
  const { serverTime } = first
  const reach = rowCount(oldest) > 0 ? firstTime(oldest) + 1 : span.since
  const keptSince = paging.keptMs === undefined ? span.since : serverTime - paging.keptMs + KEPT_MARGIN_MS
  const since = Math.max(span.since, reach, keptSince)
  const page = vouchTrades(source, answers, { since, until: span.until }, serverTime)
  return lost ? { ...page, unavailable: lost } : page
}

/** What of the span is surely not served any more. */
function notKept({ subject, serverNow }: TradeSource, { keptMs }: BackwardPaging, span: Span): Unavailable | undefined {
  if (keptMs === undefined) return undefined
  const until = Math.min(span.until, serverNow() - keptMs - KEPT_MARGIN_MS)
  if (until <= span.since) return undefined
  return { since: span.since, until, reason: `${subject}: only the last ${keptMs / DAY_MS} days are served` }
}

/** An answer that holds the trades right before `until` and begins before it; empty when there are none. */
async function seek(source: TradeSource, paging: BackwardPaging, until: EpochMs): Promise<TradeAnswer> {
  const { subject, ask, anchors, limit } = source
  if (!anchors.after(until)) {
    const newest = await ask(paging.newest)
    if (rowCount(newest) === 0) throw new ExchangeError('BAD_RESPONSE', `${subject}: expected the newest, got none`)
    anchors.add(newest.trades)
    if (firstTime(newest) < until) return newest
  }
  /** No trade has an id as small as this. */
  let floor = 0n
  for (let step = 0; step < MOST_STEPS; step++) {
    const upper = anchors.after(until)
    if (!upper) break
    const id = guessId({ lower: anchors.before(until), upper, floor, until, limit, step })
    const isExact = id === upper.id
    const answer = isExact ? await askBefore(source, paging, id) : await ask(paging.before(id.toString()))
    anchors.add(answer.trades)
    if (rowCount(answer) === 0 && !isExact) floor = id
    if (isExact && (rowCount(answer) === 0 || firstTime(answer) < until)) return answer
    if (firstTime(answer) < until && lastTime(answer) >= until) return answer
  }
  throw new ExchangeError('NO_PROGRESS', `${subject}: expected ids that ascend with time, found no way to ${until}`)
}

interface Guess {
  readonly lower: Anchor | undefined
  readonly upper: Anchor
  readonly floor: bigint
  readonly until: EpochMs
  readonly limit: number
  readonly step: number
}

/** First the page before the known trade, as a backfill needs it; then further back, twice as far each time; then between. */
function guessId({ lower, upper, floor, until, limit, step }: Guess): bigint {
  const low = lower && lower.id > floor ? lower.id : floor
  const distance = upper.id - low
  if (step === 0 || distance <= BigInt(limit)) return upper.id
  if (!lower && step % 2 === 1) {
    const back = BigInt(limit) << BigInt(step)
    if (back < distance) return upper.id - back
  }
  if (!lower || step % 2 === 0) return low + distance / 2n
  const share = (until - lower.timestamp) / (upper.timestamp - lower.timestamp)
  // Half a page beyond, so that a page backwards from there holds the time that is looked for.
  const beyond = BigInt(Math.floor(Number(distance) * share) + Math.ceil(limit / 2))
  return beyond < distance ? low + beyond : upper.id
}

/** What is older than a trade that is known; that there is nothing is checked. */
async function askBefore(source: TradeSource, paging: BackwardPaging, id: bigint): Promise<TradeAnswer> {
  const { subject, ask, anchors, serverNow } = source
  const before = () => ask(paging.before(id.toString()))
  const answer = await before()
  if (rowCount(answer) > 0) return answer
  const older = anchors.below(id)
  if (older && older.timestamp > serverNow() - (paging.keptMs ?? Number.POSITIVE_INFINITY)) {
    throw new ExchangeError('BAD_RESPONSE', `${subject}: expected trades before ${id}, such as ${older.id}, got none`)
  }
  const found = await confirmSilence({
    subject,
    unseenRounds: BEGINNING_ROUNDS,
    silent: { since: Number.NEGATIVE_INFINITY, until: Number(id) },
    again: async () => unlessEmpty(await before()),
    control: async () => (await ask(paging.newest)).trades.map((trade) => Number(trade.id)),
  })
  return found ?? answer
}

function oldestId({ subject }: TradeSource, { trades }: TradeAnswer): bigint {
  const [oldest] = trades
  if (oldest) return BigInt(oldest.id)
  throw new ExchangeError('BAD_RESPONSE', `${subject}: expected valid trades, got none`)
}
