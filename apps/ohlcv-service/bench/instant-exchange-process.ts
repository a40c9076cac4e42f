import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { clockOf, type Feeds, type SharedTime } from './instant-exchange.js'

const MINUTE_MS = 60_000
const TICK_MS = 10
const { feeds, time }: { feeds: Feeds; time: SharedTime } = JSON.parse(process.argv[2] ?? '{}')
const { symbols, active = 0, tradesPerSecond = 0, flood = 0 } = feeds
const clock = clockOf(time)
const audiences = new Map<string, WebSocket>()
const answers = new Map<string, Buffer>()
let requests = 0

// Ready-made frames in one buffer: serving them costs next to nothing.
const floodFrames = Buffer.concat(Array.from({ length: flood }, (_, id) => toFrame(aggTrade(id, time.start + id))))

const server = createServer((request, response) => {
  requests++
  const { searchParams } = new URL(`http://exchange${request.url}`)
  const last = Math.min(Number(searchParams.get('endTime') ?? clock.now()), clock.now())
  const limit = Number(searchParams.get('limit') ?? 500)
  const newest = Math.floor(last / MINUTE_MS) * MINUTE_MS - (limit - 1) * MINUTE_MS
  const since = Math.ceil(Number(searchParams.get('startTime') ?? newest) / MINUTE_MS) * MINUTE_MS
  response.setHeader('Date', new Date(clock.now()).toUTCString())
  response.end(klines(since, Math.min(Math.floor(last / MINUTE_MS) * MINUTE_MS, since + (limit - 1) * MINUTE_MS)))
})

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', (data) => {
    const { method, id, params } = JSON.parse(String(data))
    if (method === 'SUBSCRIBE') for (const stream of params) audiences.set(stream, socket)
    socket.send(JSON.stringify({ result: null, id }))
  })
})

process.on('disconnect', () => process.exit())
process.on('message', (order) => {
  if (order === 'requests') return process.send?.(requests)
  const socket = audiences.get('s0usdt@aggTrade')
  // Cast: what ws keeps for itself.
  if (flood > 0) (socket as unknown as { _socket: Socket })._socket.write(floodFrames)
  if (tradesPerSecond > 0) sendTrades()
  process.send?.(performance.timeOrigin + performance.now())
})

if (active > 0) sendCandles()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.((server.address() as AddressInfo).port) // cast: it listens on a port

/** All symbols have the same candles, so an answer is made once: serving it costs next to nothing. */
function klines(first: number, last: number): Buffer {
  const key = `${first}-${last}`
  const rows: string[] = []
  if (!answers.has(key)) for (let at = first; at <= last; at += MINUTE_MS) rows.push(kline(at))
  const answer = answers.get(key) ?? Buffer.from(`[${rows.join(',')}]`)
  answers.set(key, answer)
  return answer
}

/** A candle's numbers; as binance's. */
function kline(at: number): string {
  const price = (60_000 + ((at / MINUTE_MS) % 1_000) / 10).toFixed(2)
  return `[${at},"${price}","70000.00","50000.00","${price}","1.5",${at + MINUTE_MS - 1},"90000.0",3,"0","0","0"]`
}

function klineUpdate(symbol: string, at: number, isClosed: boolean): string {
  const price = (60_000 + ((at / MINUTE_MS) % 1_000) / 10).toFixed(2)
  return `{"e":"kline","E":${clock.now()},"s":"${symbol}","k":{"t":${at},"T":${at + MINUTE_MS - 1},"s":"${symbol}","i":"1m","f":1,"L":3,"o":"${price}","c":"${price}","h":"70000.00","l":"50000.00","v":"1.5","n":3,"x":${isClosed},"q":"90000.0","V":"0","Q":"0","B":"0"}}`
}

function aggTrade(id: number, at: number): string {
  const price = (60_000 + (id % 1_000) / 10).toFixed(2)
  return `{"e":"aggTrade","E":${at},"s":"S0USDT","a":${id},"p":"${price}","q":"0.01000000","f":${id},"l":${id},"T":${at},"m":${id % 2 === 0},"M":true}`
}

/** Each of the active ones five times a second, and all of them once a minute, when it is over. */
function sendCandles(): void {
  let minute = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
  setInterval(() => {
    const now = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
    for (; minute < now; minute += MINUTE_MS) for (let index = 0; index < symbols; index++) send(index, minute, true)
    for (let index = 0; index < active; index++) send(index, minute, false)
  }, 200)
  const send = (index: number, at: number, isClosed: boolean) =>
    audiences.get(`s${index}usdt@kline_1m`)?.send(klineUpdate(`S${index}USDT`, at, isClosed))
}

function sendTrades(): void {
  const startedAt = performance.now()
  let sent = 0
  setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) * tradesPerSecond) / 1_000)
    const socket = audiences.get('s0usdt@aggTrade')
    for (const now = clock.now(); sent < due; sent++) socket?.send(aggTrade(sent, now))
  }, TICK_MS)
}

/** An unmasked text frame of 126 to 65,535 bytes: RFC 6455, section 5.2. */
function toFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload])
}
