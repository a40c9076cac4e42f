import type { Series } from '@fullon/market'
import { findSeriesIds } from './sql/find-series-ids.js'
import type { Queryable } from './sql/queryable.js'

/** The ids of the candle series that were asked for. One is never used again, so one of a deleted series finds nothing. */
export class SeriesIds {
  readonly #ids = new Map<string, number>()

  /** In their order; undefined when one of them does not exist. */
  async find(connection: Queryable, series: readonly Series[]): Promise<readonly number[] | undefined> {
    const unknown = series.filter((one) => !this.#ids.has(keyOf(one)))
    if (unknown.length > 0) {
      const found = await findSeriesIds(connection, unknown)
      unknown.forEach((one, index) => {
        const seriesId = found.get(index)
        if (seriesId !== undefined) this.#ids.set(keyOf(one), seriesId)
      })
    }
    const ids = series.map((one) => this.#ids.get(keyOf(one))).filter((id) => id !== undefined)
    return ids.length === series.length ? ids : undefined
  }

  /** So that the next call looks. */
  forget(series: readonly Series[]): void {
    for (const one of series) this.#ids.delete(keyOf(one))
  }
}

/** What tells series apart. */
export function keyOf({ exchange, symbol, sandbox = false, timeframe }: Series): string {
  return JSON.stringify([exchange, symbol, sandbox, timeframe])
}
