/** The candidate closest to what was typed, if it is close enough to be meant. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const typed = name.toLowerCase()
  let nearest: string | undefined
  // A third of the letters may be wrong: BTC/USD for BTC/USDT, krakn for kraken; not dog for god.
  let least = Math.floor(name.length / 3) + 1
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate.toLowerCase(), least)
    if (distance >= least) continue
    least = distance
    nearest = candidate
  }
  return nearest
}

/** Letters to insert, delete or change; `limit` when there are at least that many. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return Math.min(row[b.length] ?? limit, limit)
}
