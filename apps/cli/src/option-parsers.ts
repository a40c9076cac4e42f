import { nearestName } from '@fullon/exchange'
import { type EpochMs, isTimeframe, TIMEFRAMES, type Timeframe } from '@fullon/market'
import { COLLECT_PARAMS } from '@fullon/orm'
import { InvalidArgumentError } from 'commander'

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

/** A whole number, 0 or more. */
export function parseWhole(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError(`expected a whole number, 0 or more, got ${text}`)
}

export function parseYesNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes'
  throw new InvalidArgumentError(`expected yes or no, got ${text}`)
}

/** A part of something, above 0 and at most 1. */
export function parseShare(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1) return value
  throw new InvalidArgumentError(`expected a number above 0 and at most 1, got ${text}`)
}

/** `name=value`, gathered with those before it. */
export function parseParam(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? []
  if (!name || value === undefined) throw new InvalidArgumentError(`expected name=value, got ${text}`)
  if (COLLECT_PARAMS.includes(name)) return { ...before, [name]: value }
  throw new InvalidArgumentError(
    `expected one of ${COLLECT_PARAMS.join(' ')}, got ${name}${meant(name, COLLECT_PARAMS)}`,
  )
}

/** A time in UTC, such as `2026-01-31` or `2026-01-31T12:00`, or how long ago: `90m`, `12h`, `30d`, `4w`. */
export function parseTime(text: string): EpochMs {
  const [, count, unit] = /^(\d+)([mhdw])$/.exec(text) ?? []
  if (count && unit) return Date.now() - Number(count) * (UNIT_MS[unit] ?? 0)
  const isLocal = /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) // without a zone it would be this machine's
  const time = /^\d{4}-\d\d/.test(text) ? Date.parse(isLocal ? `${text}Z` : text) : Number.NaN
  if (Number.isFinite(time)) return time
  throw new InvalidArgumentError(`expected a time in UTC such as 2026-01-31 or 2026-01-31T12:00, or 30d, got ${text}`)
}

export function parseTimeframeName(text: string): Timeframe {
  if (isTimeframe(text)) return text
  throw new InvalidArgumentError(`expected one of ${TIMEFRAMES.join(' ')}, got ${text}${meant(text, TIMEFRAMES)}`)
}

/** A timeframe, or `trades`. */
export function parseKind(text: string): Timeframe | 'trades' {
  if (isTimeframe(text) || text === 'trades') return text
  const known = [...TIMEFRAMES, 'trades']
  throw new InvalidArgumentError(`expected trades or one of ${TIMEFRAMES.join(' ')}, got ${text}${meant(text, known)}`)
}

function meant(text: string, known: readonly string[]): string {
  const nearest = nearestName(text, known)
  return nearest ? ` (did you mean ${nearest}?)` : ''
}
