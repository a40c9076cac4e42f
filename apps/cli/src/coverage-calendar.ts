import { clipSpans, type EpochMs, type Span, spansCover, subtractSpans, unionSpans } from '@fullon/market'
import type { Coverage } from '@fullon/ohlcv'
import { type Colour, paint } from './paint.js'

/** The worst of what a day holds; `none` where nothing is wanted. */
export type DayState = 'confirmed' | 'covered' | 'built' | 'unavailable' | 'gap' | 'none'

export interface Day {
  /** Such as `2026-01-31`, UTC. */
  readonly day: string
  readonly state: DayState
}

const DAY_MS = 86_400_000

const BLOCKS: Readonly<Record<DayState, { readonly block: string; readonly colour: Colour }>> = {
  confirmed: { block: '█', colour: 'green' },
  covered: { block: '▓', colour: 'cyan' },
  built: { block: '▒', colour: 'blue' },
  unavailable: { block: '×', colour: 'grey' },
  gap: { block: '·', colour: 'red' },
  none: { block: ' ', colour: 'grey' },
}

/** Each day that touches `wanted`. */
export function listDays(coverage: Coverage, wanted: Span): Day[] {
  const days: Day[] = []
  for (let since = startOfDay(wanted.since); since < wanted.until; since += DAY_MS) {
    const [part] = clipSpans([wanted], { since, until: since + DAY_MS })
    if (part) days.push({ day: new Date(since).toISOString().slice(0, 10), state: stateOf(coverage, part) })
  }
  return days
}

function stateOf({ covered, confirmed, built, unavailable }: Coverage, part: Span): DayState {
  const lacking = subtractSpans([part], covered)
  if (subtractSpans(lacking, unavailable).length > 0) return 'gap'
  if (lacking.length > 0) return 'unavailable'
  if (clipSpans(built, part).length > 0) return 'built'
  return spansCover(confirmed, part) ? 'confirmed' : 'covered'
}

/** A line a month, a block a day. */
export function drawCalendar(days: readonly Day[], { colour = false } = {}): string[] {
  const months = new Map<string, string[]>()
  for (const { day, state } of days) {
    const month = day.slice(0, 7)
    const row = months.get(month) ?? []
    months.set(month, row)
    while (row.length < Number(day.slice(8)) - 1) row.push(BLOCKS.none.block)
    row.push(blockOf(state, colour))
  }
  return [...months].map(([month, row]) => `${month}  ${row.join('')}`)
}

export function drawLegend({ colour = false } = {}): string {
  const states = ['confirmed', 'covered', 'built', 'unavailable', 'gap'] as const
  return states.map((state) => `${blockOf(state, colour)} ${state}`).join('   ')
}

/** Everything between the first and the last that anything is known of. */
export function extentOf({ covered, unavailable }: Coverage): Span | undefined {
  const known = unionSpans(covered, unavailable)
  const [first, last] = [known[0], known.at(-1)]
  return first && last && { since: first.since, until: last.until }
}

function blockOf(state: DayState, colour: boolean): string {
  const { block, colour: hue } = BLOCKS[state]
  return colour ? paint(block, hue) : block
}

function startOfDay(timestamp: EpochMs): EpochMs {
  return Math.floor(timestamp / DAY_MS) * DAY_MS
}
