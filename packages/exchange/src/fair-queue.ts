/** Things that wait: by rank, and inside one rank one of each key in turn, so that nobody's thousand pages hold up another's one. */
export class FairQueue<T> {
  /** By rank; a key that was served goes behind the others. */
  readonly #ranks = new Map<number, Map<string, T[]>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(item: T, rank: number, key: string): void {
    const keys = this.#ranks.get(rank) ?? new Map<string, T[]>()
    this.#ranks.set(rank, keys)
    const items = keys.get(key)
    if (items) items.push(item)
    else keys.set(key, [item])
    this.#size++
  }

  /** Who is next; it stays. */
  peek(): T | undefined {
    const [items] = this.#first()?.values() ?? []
    return items?.[0]
  }

  take(): T | undefined {
    const keys = this.#first()
    const [entry] = keys ?? []
    if (!keys || !entry) return undefined
    const [key, items] = entry
    const item = items.shift()
    keys.delete(key)
    if (items.length > 0) keys.set(key, items)
    this.#size--
    return item
  }

  remove(item: T): void {
    for (const keys of this.#ranks.values()) {
      for (const [key, items] of keys) {
        const place = items.indexOf(item)
        if (place < 0) continue
        items.splice(place, 1)
        if (items.length === 0) keys.delete(key)
        this.#size--
        return
      }
    }
  }

  /** The keys of the lowest rank in which somebody waits. */
  #first(): Map<string, T[]> | undefined {
    let lowest = Number.POSITIVE_INFINITY
    for (const [rank, keys] of this.#ranks) if (keys.size > 0 && rank < lowest) lowest = rank
    return this.#ranks.get(lowest)
  }
}
