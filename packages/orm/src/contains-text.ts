import { type AnyColumn, ilike, or, type SQL } from 'drizzle-orm'

/** One of `columns` contains `text`, in any case; `%` and `_` mean themselves. */
export function containsText(text: string, ...columns: AnyColumn[]): SQL | undefined {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return or(...columns.map((column) => ilike(column, pattern)))
}
