import { hash } from 'node:crypto'
import type { CacheOp, CacheResults } from './cache-driver.js'
import type { RedisCommand } from './redis-script.js'

// Lua takes up to 8,000 arguments a call: https://www.lua.org/source/5.1/luaconf.h.html (LUAI_MAXCSTACK)
const VALUES_PER_COMMAND = 1_000

interface Translation<Op extends CacheOp> {
  /** None when there is nothing to do. */
  encode(op: Op): RedisCommand[]
  /** From the replies to `encode`'s commands. */
  decode(replies: readonly unknown[]): CacheResults[Op['op']]
}
type Translations = { readonly [Op in CacheOp as Op['op']]: Translation<Op> }

const PLAIN: ReadonlySet<CacheOp['op']> = new Set([
  'getMany',
  'hashSet',
  'hashSetMany',
  'expire',
  'listPush',
  'publish',
])

const nothing = () => undefined

const TRANSLATIONS: Translations = {
  get: { encode: ({ key }) => [['get', key]], decode: ([reply]) => toText(reply) },
  getMany: {
    encode: ({ keys }) => chunk(keys).map((some) => ['mget', ...some]),
    decode: (replies) => replies.flat().map(toText),
  },
  set: { encode: ({ key, value, ttlMs }) => [['set', key, value, 'PX', wholeMs(ttlMs)]], decode: nothing },
  replace: {
    // The hash of what is expected: most of a batch's time goes by with writing it to the socket (bench/).
    encode: ({ key, expected, value, ttlMs }) => [['set-if', key, hash('sha1', expected), value, wholeMs(ttlMs)]],
    decode: ([reply]) => reply === 1,
  },
  expire: { encode: ({ key, ttlMs }) => [['pexpire', key, wholeMs(ttlMs)]], decode: nothing },
  delete: { encode: ({ key }) => [['del', key]], decode: nothing },
  hashGet: { encode: ({ key, field }) => [['hget', key, field]], decode: ([reply]) => toText(reply) },
  hashGetAll: { encode: ({ key }) => [['hgetall', key]], decode: ([reply]) => toMap(reply) },
  hashSet: { encode: ({ key, field, value }) => [['hset', key, field, value]], decode: nothing },
  hashSetMany: {
    encode: ({ key, fields }) =>
      chunk([...fields], VALUES_PER_COMMAND / 2).map((some) => ['hset', key, ...some.flat()]),
    decode: nothing,
  },
  hashDelete: {
    encode: ({ key, field, expected }) =>
      expected === undefined ? [['hdel', key, field]] : [['hdel-if', key, field, expected]],
    decode: nothing,
  },
  sortedPut: {
    encode: ({ key, entries, keep }) => {
      const [first, ...more] = entries
      if (first && more.length === 0) return [['zput', key, keep, first.score, first.value]]
      const unique = new Map(entries.map(({ score, value }) => [score, value])) // the last of a score wins
      return chunk([...unique]).map((some) => ['zput', key, keep, ...some.flat()])
    },
    decode: nothing,
  },
  sortedTail: { encode: ({ key, count }) => [['zrange', key, -count, -1]], decode: ([reply]) => toTexts(reply) },
  listPush: {
    encode: ({ key, values, keep }) => chunk(values).map((some) => ['push', key, keep, ...some]),
    decode: nothing,
  },
  listPop: {
    encode: ({ key, count }) => [
      ['lrange', key, 0, count - 1],
      ['ltrim', key, count, -1],
    ],
    decode: ([reply]) => toTexts(reply),
  },
  listTail: { encode: ({ key, count }) => [['lrange', key, -count, -1]], decode: ([reply]) => toTexts(reply) },
  publish: { encode: ({ channel, message }) => [['publish', channel, message]], decode: ([reply]) => Number(reply) },
}

/** The commands that `op` is in Redis. */
export function encodeOp(op: CacheOp): RedisCommand[] {
  return translationOf(op).encode(op)
}

/** Whether Redis has commands for it that need no script and whose replies need no translation. */
export function isPlain({ op }: CacheOp): boolean {
  return PLAIN.has(op)
}

/** The commands that `op`, which must be plain, is where no script runs. */
export function encodePlainOp(op: CacheOp): RedisCommand[] {
  if (op.op !== 'listPush') return encodeOp(op)
  return [...chunk(op.values).map((some): RedisCommand => ['rpush', op.key, ...some]), ['ltrim', op.key, -op.keep, -1]]
}

/** The result of `op` from the replies to its commands. */
export function decodeReplies(op: CacheOp, replies: readonly unknown[]): CacheResults[CacheOp['op']] {
  return translationOf(op).decode(replies)
}

function translationOf(op: CacheOp): Translation<CacheOp> {
  return TRANSLATIONS[op.op] as Translation<CacheOp> // cast: looked up by op's own name
}

/** Redis takes whole milliseconds, at least one. */
function wholeMs(ttlMs: number): number {
  return Math.max(1, Math.round(ttlMs))
}

function toText(reply: unknown): string | undefined {
  return typeof reply === 'string' ? reply : undefined
}

function toTexts(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : []
}

/** A script's HGETALL: names and values by turns. */
function toMap(reply: unknown): Map<string, string> {
  const texts = toTexts(reply)
  return new Map(chunk(texts, 2).map(([field = '', value = '']) => [field, value]))
}

function chunk<T>(values: readonly T[], size: number = VALUES_PER_COMMAND): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size))
}
