import type { EpochMs } from '@fullon/market'

/** In UTC, such as `2026-01-31 12:00:00`. */
export function formatTime(timestamp: EpochMs | undefined): string {
  return timestamp === undefined ? '-' : new Date(timestamp).toISOString().slice(0, 19).replace('T', ' ')
}

/** Such as `3d 4h`, `12m 5s`; the two largest parts. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return '0s'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ')
}
