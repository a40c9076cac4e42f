import { isTimeframe, TIMEFRAMES, type Timeframe, timeframeMs } from '@fullon/market'
import { ExchangeError } from './errors.js'
import { nearestName } from './nearest-name.js'
import type { RestContext } from './rest-context.js'

/**
 * The timeframe that is asked for: the same, or the longest that the exchange serves and that divides it, so that a day
 * of hours costs one page instead of five of minutes.
 *
 * @throws ExchangeError `TIMEFRAME_UNSUPPORTED` where nothing divides it
 */
export function baseTimeframe({ ccxt, quirks }: Pick<RestContext, 'ccxt' | 'quirks'>, timeframe: Timeframe): Timeframe {
  const served = Object.keys(ccxt.timeframes)
    .filter(isTimeframe)
    .filter((one) => !quirks.misalignedTimeframes?.includes(one))
    .sort((a, b) => timeframeMs(b) - timeframeMs(a))
  const base = served.find((one) => timeframeMs(timeframe) % timeframeMs(one) === 0)
  if (base) return base
  throw unsupported(timeframe, served.toReversed(), `${ccxt.id}: expected a multiple of`)
}

/** @throws ExchangeError `TIMEFRAME_UNSUPPORTED` for what is no timeframe at all */
export function knownTimeframe(text: string): Timeframe {
  if (isTimeframe(text)) return text
  throw unsupported(text, TIMEFRAMES, 'timeframe: expected one of')
}

function unsupported(timeframe: string, known: readonly Timeframe[], expected: string): ExchangeError {
  const nearest = nearestName(timeframe, known)
  const hint = nearest ? ` (did you mean ${nearest}?)` : ''
  const message = `${expected} ${known.join(' ')}, got ${JSON.stringify(timeframe)}${hint}`
  return new ExchangeError('TIMEFRAME_UNSUPPORTED', message)
}
