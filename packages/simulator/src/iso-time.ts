import type { EpochMs } from '@fullon/market'

/** `2026-01-01T00:00:00.123456Z` */
export function isoMicroseconds(timestampUs: number): string {
  const text = new Date(Math.floor(timestampUs / 1000)).toISOString()
  return `${text.slice(0, -1)}${String(timestampUs % 1000).padStart(3, '0')}Z`
}

/** `2026-01-01T00:00:00.123000000Z` */
export function isoNanoseconds(timestamp: EpochMs): string {
  return `${new Date(timestamp).toISOString().slice(0, -1)}000000Z`
}
