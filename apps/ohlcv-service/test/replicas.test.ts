import { expect, it, vi } from 'vitest'
import type { Service } from '../src/index.js'
import { openScene, untilLive, WAIT } from './scene.js'

const SYMBOLS = ['ADA/USD', 'BTC/USD', 'ETH/USD']
const shards = { count: 4 }

function symbolsOf(service: Service): string[] {
  return [...new Set(service.status().map(({ symbol }) => symbol))].sort()
}

it('divides the symbols among processes, and each is collected by one', { timeout: 180_000 }, async () => {
  await using scene = await openScene({ symbols: Object.fromEntries(SYMBOLS.map((symbol) => [symbol, {}])) })
  await using first = await scene.run({ shards: { count: 4, max: 2 } })
  await using second = await scene.run({ shards })
  const both = () => [...symbolsOf(first), ...symbolsOf(second)].sort()
  await vi.waitFor(() => expect(both()).toEqual(SYMBOLS), WAIT)
  for (const service of [first, second]) expect(symbolsOf(service).length).toBeGreaterThan(0)
  for (const symbol of SYMBOLS) await scene.expectComplete(symbol)
  expect(both()).toEqual(SYMBOLS)
})

it('a standby takes over what a process that lost its session had', { timeout: 180_000 }, async () => {
  await using scene = await openScene({ symbols: { 'ADA/USD': {}, 'BTC/USD': {} } })
  await using active = await scene.run({ shards })
  await untilLive(active, 4)
  await using standby = await scene.run({ shards })
  expect(standby.status()).toEqual([])
  await active.close()
  await untilLive(standby, 4)
  for (const symbol of ['ADA/USD', 'BTC/USD']) await scene.expectComplete(symbol)
})
