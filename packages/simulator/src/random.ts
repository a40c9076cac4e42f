/** Numbers in [0, 1), the same for ever for the same `seed`. */
export type Random = () => number

/**
 * sfc32 (PractRand), seeded by a hash of the text. Integer arithmetic only: no engine or processor
 * can give another sequence, as it could with Math.exp or Math.log.
 */
export function createRandom(seed: string): Random {
  let a = hash(`a${seed}`)
  let b = hash(`b${seed}`)
  let c = hash(`c${seed}`)
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
  // Its author's advice: the first dozen still resemble the seed.
  for (let round = 0; round < 12; round++) next()
  return next
}

/** About normal, mean 0 and variance 1, within ±3.5: four uniform ones summed, because additions are exact everywhere. */
export function bell(random: Random): number {
  return (random() + random() + random() + random() - 2) * 1.7320508
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return value
}
