import { expect, onTestFinished } from 'vitest'
import type { CacheOp } from '../../src/cache-driver.js'
import { type Cache, type CacheOptions, openCache } from '../../src/index.js'
import { RedisServer } from './redis-server.js'
import { TcpProxy } from './tcp-proxy.js'

export const TIMEOUT_MS = 150
export const UNAVAILABLE = { name: 'CacheError', code: 'UNAVAILABLE', transient: true, cause: expect.any(Error) }
export const get = { op: 'get', key: 'a' } as const
export const set = { op: 'set', key: 'a', value: '1', ttlMs: 60_000 } as const

export interface SetUp {
  readonly server: RedisServer
  readonly proxy: TcpProxy
  readonly cache: Cache
  readonly log: readonly string[]
}

/** A Redis of the test's own behind a proxy, and a cache that goes through it; all closed with the test. */
export async function setUp({ refuse = false, silent = false, timeoutMs = TIMEOUT_MS } = {}): Promise<SetUp> {
  const server = await RedisServer.open()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const proxy = await TcpProxy.open(server.port)
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  if (refuse) proxy.refuse()
  if (silent) proxy.fallSilent()
  const log: string[] = []
  const keep = (_: object, message: string) => void log.push(message)
  const options: CacheOptions = { timeoutMs, logger: { info: keep, warn: keep } }
  const cache = await openCache({ url: `redis://127.0.0.1:${proxy.port}`, ...options })
  onTestFinished(() => cache.close())
  return { server, proxy, cache, log }
}

export function works(cache: Cache, op: CacheOp = get): Promise<boolean> {
  return cache.driver.run([op]).then(
    () => true,
    () => false,
  )
}

export async function fails(cache: Cache): Promise<boolean> {
  return !(await works(cache))
}

export function listener() {
  const heard = {
    messages: [] as string[],
    misses: 0,
    message: (text: string) => void heard.messages.push(text),
    missed: () => void heard.misses++,
    closed: () => undefined,
  }
  return heard
}
