import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createSeededMarket, startSimulator } from '@fullon/simulator'
import { expect, it } from 'vitest'
import { ExchangeQueue } from '../src/index.js'
import { createHandClock } from './hand-clock.js'
import { toMarket, until } from './scripted-exchange.js'

const AT = Date.UTC(2026, 0, 5)
const HOUR_MS = 3_600_000

it.for(['binance', 'kraken', 'coinbaseexchange'] as const)(
  'an answer of %s that breaks off is asked for again',
  async (exchange) => {
    const clock = createHandClock(AT + HOUR_MS, { runs: true })
    const market = createSeededMarket({ seed: 1, since: AT })
    await using simulator = await startSimulator({ market, clock, protocols: [exchange] })
    await using queue = new ExchangeQueue({ ccxtOptions: simulator.ccxtOptions, clock, random: () => 0.2 })
    const handler = await queue.getHandler(exchange)
    await handler.getSymbol('BTC/USD')
    simulator.faults.inject({ kind: 'break-off', forMs: HOUR_MS })
    const pages = handler.getOhlcv('BTC/USD', '1m', { since: AT, until: AT + HOUR_MS / 2 })
    await until(() => handler.counts.retries > 0, 'the request to be sent again')
    clock.moveTo(clock.now() + HOUR_MS)
    expect((await pages).rows.length).toBeGreaterThan(25)
  },
)

/** kraken's REST side at a server whose every byte the test decides. */
async function openKraken(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const queue = new ExchangeQueue({
    random: () => 0,
    ccxtOptions: {
      kraken: {
        rateLimit: 0.01,
        timeout: 200,
        urls: { api: { public: url } },
        fetchMarkets: async () => [toMarket('BTC/USD', 'XXBTZUSD')],
        fetchCurrencies: async () => ({}),
      },
    },
  })
  const handler = await queue.getHandler('kraken')
  return {
    handler,
    async [Symbol.asyncDispose]() {
      await queue.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

const BODY = JSON.stringify({ error: [], result: { XXBTZUSD: [], last: 0 } })

it.for([
  ['plain', BODY, {}],
  ['compressed', gzipSync(BODY), { 'Content-Encoding': 'gzip' }],
] as const)('an answer that stops half-way, %s, holds up nobody for ever', async ([, body, headers]) => {
  await using kraken = await openKraken((_request, response) => {
    response.writeHead(200, { ...headers, 'Content-Length': body.length })
    response.write(body.slice(0, body.length / 2))
  })
  await expect(kraken.handler.getOhlcv('BTC/USD', '1m')).rejects.toMatchObject({ code: 'TIMEOUT', transient: true })
})

it.for([
  ['plain', BODY, {}],
  ['compressed', gzipSync(BODY), { 'Content-Encoding': 'gzip' }],
] as const)('an answer that ends half-way, %s, is an outage', async ([, body, headers]) => {
  await using kraken = await openKraken((request, response) => {
    response.writeHead(200, { ...headers, 'Content-Length': body.length })
    response.write(body.slice(0, body.length / 2), () => request.socket.destroy())
  })
  await expect(kraken.handler.getOhlcv('BTC/USD', '1m')).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
})

it('a compressed answer that is none is an outage', async () => {
  await using kraken = await openKraken((_request, response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('<html>')
  })
  await expect(kraken.handler.getOhlcv('BTC/USD', '1m')).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
})
