/**
 * CSV (RFC 4180, lines end with a line feed) of arrays of rows, one piece of text an array, the header in the first.
 *
 * @param columns which fields, in order; they are the header.
 */
export async function* toCsv<Row>(
  arrays: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
  columns: readonly (keyof Row & string)[],
): AsyncGenerator<string, void> {
  yield `${columns.join(',')}\n`
  for await (const rows of arrays) {
    yield rows.map((row) => `${columns.map((column) => quote(String(row[column]))).join(',')}\n`).join('')
  }
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
