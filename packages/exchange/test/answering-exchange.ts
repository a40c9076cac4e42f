import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@fullon/market'
import { type ExchangeHandler, ExchangeQueue, type ExchangeQueueOptions } from '../src/index.js'

/** A request as it came over HTTP. */
export interface Asked {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Of a POST. */
  readonly body: unknown
}

export interface Told {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A string goes out as it is, everything else as JSON. */
  readonly body: unknown
}

/** An exchange's REST side whose every answer the test decides; ccxt's real class is the client. */
export interface AnsweringExchange extends AsyncDisposable {
  readonly queue: ExchangeQueue
  readonly handler: ExchangeHandler
  readonly asked: readonly Asked[]
  readonly refused: readonly (readonly [subject: string, raw: unknown, reason: string])[]
}

/** Where each of ccxt's classes looks for its public REST side. */
const URLS: Readonly<Record<string, (url: string) => unknown>> = {
  binance: (url) => ({ public: `${url}/api/v3`, fapiPublic: `${url}/fapi/v1` }),
  okx: (url) => ({ rest: url }),
  bybit: (url) => ({ spot: url, v2: url, public: url, private: url }),
}

export async function openAnsweringExchange(
  exchange: string,
  options: {
    /** ccxt's own form. Without them ccxt asks for them. */
    readonly markets?: readonly object[]
    readonly answer: (asked: Asked) => Told
    /** Sent as `Date`. */
    readonly clock: Clock
    readonly ccxtOptions?: Readonly<Record<string, unknown>>
    readonly queueOptions?: ExchangeQueueOptions
  },
): Promise<AnsweringExchange> {
  const { markets, answer, clock, ccxtOptions, queueOptions } = options
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const one = await read(request)
    asked.push(one)
    const { status = 200, headers, body } = answer(one)
    response.writeHead(status, { Date: new Date(clock.now()).toUTCString(), ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const refused: [string, unknown, string][] = []
  const queue = new ExchangeQueue({
    clock,
    random: () => 0,
    onRefused: (...row) => refused.push(row),
    ...queueOptions,
    ccxtOptions: {
      [exchange]: {
        rateLimit: 0.01,
        urls: { api: URLS[exchange]?.(url) ?? { public: url } },
        ...(markets ? { fetchMarkets: async () => markets, fetchCurrencies: async () => ({}) } : {}),
        ...ccxtOptions,
      },
    },
  })
  return {
    queue,
    handler: await queue.getHandler(exchange),
    asked,
    refused,
    async [Symbol.asyncDispose]() {
      await queue.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  const { pathname, searchParams } = new URL(`http://exchange${request.url}`)
  let text = ''
  for await (const chunk of request) text += chunk
  return { path: pathname, query: Object.fromEntries(searchParams), body: text ? JSON.parse(text) : undefined }
}
