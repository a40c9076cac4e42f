import type { Candle, Page, Trade } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { DOCUMENTED, type DocumentedExchange } from './fixtures/documented-frames.js'
import { createHandClock } from './hand-clock.js'
import { openScriptedExchange } from './scripted-exchange.js'

const START = Date.UTC(2026, 0, 1)
const MINUTE_MS = 60_000
const SETTLE_MS = 65_000

describe.each(DOCUMENTED)('$exchange, frames as documented ($source)', (documented) => {
  const { trade, candle, parsed } = documented

  it('gives every trade once', async () => {
    await using exchange = await openDocumented(documented)
    const { clock, handler } = exchange
    const stream = handler.watchTrades(documented.markets[0][0])
    await stream.next()
    clock.moveTo(START + MINUTE_MS)
    for (const [index, second] of [1, 10, 20, 20, 30].entries()) {
      const id = index < 3 ? index : index - 1 // the fourth repeats the third
      exchange.session.send(trade(START + second * 1000, id))
    }
    const rows: Trade[] = []
    while (rows.length < 2) {
      const { value } = await stream.next()
      rows.push(...value.flatMap((page: Page<Trade>) => page.rows))
    }
    expect(rows.map(({ id: _, ...row }) => row)).toEqual([
      { timestamp: START + 10_000, ...parsed },
      { timestamp: START + 20_000, ...parsed },
    ])
    expect(handler.streamCounts.rowsRefused).toBe(0)
  })

  it.skipIf(!candle)('gives a candle once it is closed, by the flag where there is one', async () => {
    const { frame, row, flagged } = candle!
    await using exchange = await openDocumented(documented)
    const { clock, handler } = exchange
    const stream = handler.watchOhlcv(documented.markets[0][0], '1m')
    await stream.next()
    clock.moveTo(START + MINUTE_MS + 1_000)
    exchange.session.send(frame(START - MINUTE_MS, false)) // never flagged
    exchange.session.send(frame(START, false), frame(START, true), frame(START + MINUTE_MS, false))
    const rows: Candle[] = []
    for (let isThrough = false; rows.at(-1)?.timestamp !== START; ) {
      const { settled, forming } = (await stream.next()).value!
      rows.push(...settled.flatMap((page: Page<Candle>) => page.rows))
      isThrough ||= forming?.timestamp === START + MINUTE_MS
      if (isThrough) clock.moveTo(START + MINUTE_MS + SETTLE_MS)
    }
    const [open, high, low, close, volume] = row
    const expected = { timestamp: START, open, high, low, close, volume }
    expect(rows).toEqual(flagged ? [expected] : [{ ...expected, timestamp: START - MINUTE_MS }, expected])
  })

  it('tells at once of a subscription that is refused, and leaves the others alone', async () => {
    await using exchange = await openDocumented(documented)
    const { clock, handler } = exchange
    const [[symbol], [unlisted]] = documented.markets
    const good = handler.watchTrades(symbol)
    await good.next()
    const { session } = exchange // of several where the exchange spreads its subscriptions
    const refused = handler.watchTrades(unlisted).next()
    await expect(refused).rejects.toMatchObject({ code: 'SUBSCRIPTION_REFUSED', transient: false })
    clock.moveTo(START + MINUTE_MS)
    for (const [id, second] of [1, 10, 20].entries()) session.send(trade(START + second * 1000, id))
    expect((await good.next()).value).toBeDefined()
    await expect(handler.watchTrades(unlisted).next()).rejects.toMatchObject({ code: 'SUBSCRIPTION_REFUSED' })
  })
})

async function openDocumented({ exchange, markets, accept, refuse }: DocumentedExchange) {
  const clock = createHandClock(START, { runs: true })
  const [, [, unlisted]] = markets
  const scripted = await openScriptedExchange(exchange, {
    markets: Object.fromEntries(markets),
    clock,
    onRequest: (request, session) => {
      const text = JSON.stringify(request).toUpperCase()
      if (text.includes('UNSUB')) return
      session.send(text.includes(unlisted.toUpperCase()) || text.includes('XYZ/') ? refuse(request) : accept(request))
    },
  })
  return Object.assign(scripted, { clock })
}
