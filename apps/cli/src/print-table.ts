/** Prints rows in aligned columns. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const line of formatTable(head, rows)) console.log(line)
}

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
