/** A small generator with a 32-bit state: the same numbers on every machine. Source: github.com/bryc/code, PRNGs. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** @param draw uniform in [0, 1) */
export function pick<const T>(things: readonly T[], draw: number): T {
  const thing = things[Math.floor(draw * things.length)]
  if (thing !== undefined) return thing
  throw new RangeError(`draw: expected a number in [0, 1), got ${draw}`)
}
