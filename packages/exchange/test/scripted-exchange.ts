import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { type Clock, systemClock } from '@fullon/market'
import { type WebSocket, WebSocketServer } from 'ws'
import { type ExchangeHandler, ExchangeQueue } from '../src/index.js'

/** A socket of the scripted exchange, seen from its side. */
export interface Session {
  readonly socket: WebSocket
  readonly requests: Record<string, unknown>[]
  send(...frames: readonly unknown[]): void
}

/** An exchange's socket whose every frame the test decides; ccxt's real class is the client. */
export interface ScriptedExchange extends AsyncDisposable {
  readonly queue: ExchangeQueue
  readonly handler: ExchangeHandler
  /** What a ccxt class needs to reach it. */
  readonly ccxtOptions: Options
  /** All that ever connected, oldest first. */
  readonly sessions: readonly Session[]
  /** The one that was opened last. */
  readonly session: Session
}

type Options = Readonly<Record<string, unknown>>

/** Where each of ccxt's classes looks for its public socket. */
const WS_URLS: Readonly<Record<string, (url: string) => unknown>> = {
  binance: (url) => ({ spot: `${url}/stream/ws` }),
  binanceusdm: (url) => ({ future: `${url}/ws` }),
  bitmex: (url) => `${url}/realtime`,
  bybit: (url) => ({ public: { spot: `${url}/v5/public/spot`, linear: `${url}/v5/public/linear` } }),
  coinbaseexchange: (url) => url,
  hyperliquid: (url) => ({ public: `${url}/ws` }),
  kraken: (url) => ({ publicV2: `${url}/v2` }),
  okx: (url) => `${url}/ws/v5`,
}

/**
 * @param markets by ccxt symbol, its id on the wire
 * @param onRequest what the exchange does with a frame that is not a ping
 */
export async function openScriptedExchange(
  exchange: string,
  options: {
    readonly markets: Readonly<Record<string, string>>
    readonly onRequest?: (request: Record<string, unknown>, session: Session) => void
    /** Default true. */
    readonly answersPings?: boolean
    readonly clock?: Clock
    readonly random?: () => number
    readonly ccxtOptions?: Options
  },
): Promise<ScriptedExchange> {
  const { markets, onRequest, answersPings = true, clock = systemClock, random = () => 0, ccxtOptions } = options
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: answersPings })
  await once(server, 'listening')
  const sessions: Session[] = []
  server.on('connection', (socket) => {
    const requests: Record<string, unknown>[] = []
    const send = (...frames: readonly unknown[]) => {
      for (const frame of frames) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    }
    const session = { socket, requests, send }
    sessions.push(session)
    socket.on('message', (data) => {
      if (String(data) === 'ping') return send('pong')
      const request = JSON.parse(String(data))
      if (request.method === 'ping') return send({ method: 'pong', channel: 'pong' })
      if (request.op === 'ping') return send({ op: 'pong', ret_msg: 'pong', success: true })
      requests.push(request)
      onRequest?.(request, session)
    })
  })
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const whole = {
    ...ccxtOptions,
    urls: { api: { ws: WS_URLS[exchange]?.(url) } },
    fetchMarkets: async () => Object.entries(markets).map(([symbol, id]) => toMarket(symbol, id)),
    fetchCurrencies: async () => ({}),
  }
  const queue = new ExchangeQueue({ clock, random, ccxtOptions: { [exchange]: whole } })
  return {
    queue,
    handler: await queue.getHandler(exchange),
    ccxtOptions: whole,
    sessions,
    get session() {
      const session = sessions.at(-1)
      if (!session) throw new Error('nobody has connected yet')
      return session
    },
    async [Symbol.asyncDispose]() {
      await queue.close()
      for (const { socket } of sessions) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Lets packets vanish in both directions while the connection stays. */
export function freeze({ socket }: Session): void {
  socket.pause()
  const { _socket: transport } = socket as unknown as { _socket: Socket } // cast: what ws keeps for itself
  transport.pause()
  transport.write = () => true
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export function toMarket(symbol: string, id: string): object {
  const [pair = '', settle] = symbol.split(':')
  const [base = '', quote = ''] = pair.split('/')
  const swap = settle !== undefined
  return {
    id,
    lowercaseId: id.toLowerCase(),
    symbol,
    base,
    quote,
    settle,
    baseId: base,
    quoteId: quote,
    baseName: base,
    type: swap ? 'swap' : 'spot',
    spot: !swap,
    swap,
    contract: swap,
    linear: swap ? settle === quote : undefined,
    inverse: swap ? settle === base : undefined,
    contractSize: swap ? 1 : undefined,
    active: true,
    precision: {},
    limits: {},
  }
}
