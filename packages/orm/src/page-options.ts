/** One page of a list. */
export interface PageOptions {
  /** Counted from 1. Default: 1. */
  readonly page?: number
  /** Rows a page. Default: 10, as in fullon. */
  readonly pageSize?: number
}

/** @throws RangeError when either is not a whole number from 1. */
export function toLimits({ page = 1, pageSize = 10 }: PageOptions): { limit: number; offset: number } {
  for (const [name, value] of Object.entries({ page, pageSize })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`${name}: expected a whole number from 1, got ${value}`)
    }
  }
  return { limit: pageSize, offset: (page - 1) * pageSize }
}
