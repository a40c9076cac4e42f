import { it } from 'vitest'
import { MINUTE_MS, openScene } from './scene.js'

it('stores history that comes several pages a second, at the speed of the market', { timeout: 240_000 }, async () => {
  const symbols = ['BTC/USD', 'ADA/USD']
  const wanted = Object.fromEntries(symbols.map((symbol) => [symbol, { backtest: 2 }]))
  await using scene = await openScene({ exchange: 'binance', speed: 1, symbols: wanted })
  await using _service = await scene.run()
  const until = Math.floor(scene.clock.now() / MINUTE_MS - 60) * MINUTE_MS
  for (const symbol of symbols) await scene.expectComplete(symbol, until, 2)
})
