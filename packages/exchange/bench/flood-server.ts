import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { FloodOptions } from './start-flood-server.js'

const { trades, start, active, floods }: FloodOptions = JSON.parse(process.argv[2] ?? '{}')
// Ready-made frames in one buffer: serving them costs next to nothing.
const buffer = floods
  ? Buffer.concat(Array.from({ length: trades }, (_, id) => toFrame(aggTrade('S0USDT', id))))
  : undefined
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
const audiences = new Map<string, WebSocket>()
let sent = 0

server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { method, id, params } = JSON.parse(String(data))
    if (method !== 'SUBSCRIBE') return
    socket.send(JSON.stringify({ result: null, id }))
    for (const stream of params) audiences.set(stream.split('@')[0].toUpperCase(), socket)
    // After the client has seen the answer. Cast: what ws keeps for itself.
    if (buffer) setTimeout(() => (socket as unknown as { _socket: Socket })._socket.write(buffer), 100)
  })
})

if (!floods) {
  setInterval(() => {
    sent++
    for (let index = 0; index < active; index++) {
      const id = `S${index}USDT`
      audiences.get(id)?.send(aggTrade(id, sent, Date.now()))
    }
  }, 200)
}

await once(server, 'listening')
process.send?.(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/stream/ws`)

function aggTrade(symbol: string, id: number, time = start + id): string {
  const price = (60_000 + (id % 1000) / 10).toFixed(2)
  return `{"e":"aggTrade","E":${time},"s":"${symbol}","a":${id},"p":"${price}","q":"0.01000000","f":${id},"l":${id},"T":${time},"m":${id % 2 === 0},"M":true}`
}

/** An unmasked text frame of 126 to 65,535 bytes: RFC 6455, section 5.2. */
function toFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const header = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([header, payload])
}

process.on('disconnect', () => process.exit())
