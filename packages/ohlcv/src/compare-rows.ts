import type { Candle, EpochMs, Trade } from '@fullon/market'

/** A row that is not stored as the exchange publishes it: one side is absent where only the other has it. */
export interface Difference<Row> {
  readonly stored?: Row
  readonly published?: Row
}

/** What differs between ascending rows, in that order; rows are the same one when `keyOf` is. */
export function compareRows<Row extends { readonly timestamp: EpochMs }>(
  stored: readonly Row[],
  published: readonly Row[],
  { keyOf, isSame }: { keyOf: (row: Row) => string | number; isSame: (a: Row, b: Row) => boolean },
): Difference<Row>[] {
  const missing = new Map(stored.map((row) => [keyOf(row), row]))
  const differences: Difference<Row>[] = []
  for (const row of published) {
    const known = missing.get(keyOf(row))
    missing.delete(keyOf(row))
    if (!known) differences.push({ published: row })
    else if (!isSame(known, row)) differences.push({ stored: known, published: row })
  }
  for (const row of missing.values()) differences.push({ stored: row })
  return differences.sort((a, b) => timestampOf(a) - timestampOf(b))
}

/** Prices to the last bit; volumes are sums, and may differ in the order of adding. */
export function isSameCandle(a: Candle, b: Candle): boolean {
  const isNear = Math.abs(a.volume - b.volume) <= 1e-9 * Math.max(a.volume, b.volume)
  return isNear && a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close
}

export function isSameTrade(a: Trade, b: Trade): boolean {
  return a.timestamp === b.timestamp && a.side === b.side && a.price === b.price && a.amount === b.amount
}

function timestampOf<Row extends { readonly timestamp: EpochMs }>({ stored, published }: Difference<Row>): EpochMs {
  return (stored ?? published)?.timestamp ?? 0
}
