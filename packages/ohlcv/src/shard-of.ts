import type { Series } from '@fullon/market'

/** Which of `count` shards a series belongs to: the same in every process and version; all series of a symbol together. */
export function shardOf({ exchange, symbol, sandbox = false }: Series, count: number): number {
  return fnv1a(JSON.stringify([exchange, sandbox, symbol])) % count
}

/** 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
