import type { EpochMs, Span } from '@fullon/market'

// Times go to the server as text of our own: the driver would write dates in the zone of this machine.

/** What can be stored: ISO text has four digits of year, of the end of such a week, too; nothing was traded before. */
export const STORABLE: Span = { since: 0, until: Date.UTC(9999, 0, 1) }

export function formatTime(timestamp: EpochMs): string {
  return new Date(timestamp).toISOString()
}

/** As a `tstzrange`. */
export function formatSpan({ since, until }: Span): string {
  return `[${formatTime(since)},${formatTime(until)})`
}

/** As a `tstzmultirange`. */
export function formatSpans(spans: readonly Span[]): string {
  return `{${spans.map(formatSpan).join(',')}}`
}

/** A `tstzrange` or `tstzmultirange` as Postgres writes it with DateStyle ISO, bounds finite: `{["…","…"),…}`. */
export function parseSpans(text: string): Span[] {
  const times = Array.from(text.matchAll(/"([^"]+)"/g), ([, time]) => Date.parse(time ?? ''))
  return Array.from({ length: times.length / 2 }, (_, index) => ({
    since: times[2 * index] ?? Number.NaN,
    until: times[2 * index + 1] ?? Number.NaN,
  }))
}
