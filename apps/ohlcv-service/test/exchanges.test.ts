import { expect, it, vi } from 'vitest'
import { openScene, WAIT } from './scene.js'

it.each(['binance', 'coinbaseexchange'] as const)(
  'stores a day of %s exactly as published, through a dropped socket',
  { timeout: 180_000 },
  async (exchange) => {
    await using scene = await openScene({ exchange, symbols: { 'BTC/USD': {}, 'ADA/USD': {} } })
    await using service = await scene.run()
    await vi.waitFor(() => expect(service.status().some(({ liveSince }) => liveSince !== undefined)).toBe(true), WAIT)
    scene.simulator.faults.dropSockets()
    for (const symbol of ['BTC/USD', 'ADA/USD']) await scene.expectComplete(symbol)
  },
)
