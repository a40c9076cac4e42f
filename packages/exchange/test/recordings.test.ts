import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Candle, compareTrades, type EpochMs, type Tick, type Trade } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { createHandClock, type HandClock } from './hand-clock.js'
import { openScriptedExchange, type ScriptedExchange, until } from './scripted-exchange.js'

/** What the server sent: lines `<receive time in seconds>: <json>`; lines with an arrow are the client's. */
interface Line {
  readonly at: EpochMs
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: frames of four exchanges
  readonly frame: any
}

const FOLDER = join(process.env.MARKET_DATA_DIR ?? '', 'cryptofeed_ws')
const there = process.env.MARKET_DATA_DIR !== undefined && existsSync(FOLDER)
// More than the 5 s of lateness: between two trades of ours all recorded ones are vouched for.
const MARGIN_MS = 6_000
// The subscriptions are made before the first of them.
const LEAD_MS = 30_000

describe.skipIf(!there)('recorded sockets of four exchanges (skipped without MARKET_DATA_DIR)', () => {
  it('gives the candles that BINANCE_FUTURES flagged as closed, each once, and every aggregate trade', async () => {
    const lines = read('BINANCE_FUTURES.ws.1.0.gz')
    const ids = ['SUSHIUSDT', 'AKROUSDT', 'KEEPUSDT', 'CTKUSDT']
    const markets = Object.fromEntries(ids.map((id) => [`${id.replace('USDT', '')}/USDT:USDT`, id]))
    const clock = createHandClock(lines[0]!.at - LEAD_MS)
    const accept = ({ id }: Record<string, unknown>) => [{ result: null, id }]
    await using exchange = await replayable('binanceusdm', markets, clock, accept)
    const watched = Object.keys(markets).map((symbol) => watch(exchange, symbol, { candles: true, trades: true }))
    const patch = ({ data, ...frame }: Line['frame'], at: EpochMs, step: number) => ({
      ...frame,
      data: { ...data, T: at, a: data.a + step },
    })
    await play(
      exchange,
      clock,
      surround(lines, ({ data }) => data.e === 'aggTrade' && data.s, patch),
      watched,
    )
    for (const [index, id] of ids.entries()) {
      const klines = lines.map(({ frame }) => frame.data).filter((data) => data?.e === 'kline' && data.s === id)
      const closed = klines.filter(({ k }) => k.x).map(({ k }) => [k.t, +k.o, +k.h, +k.l, +k.c, +k.v])
      expect(watched[index]!.candles.map((candle) => Object.values(candle))).toEqual(closed)
      const trades = lines
        .map(({ frame }) => frame.data)
        .filter((data) => data?.e === 'aggTrade' && data.s === id)
        .map(
          ({ T, a, m, p, q }): Trade => ({
            timestamp: T,
            id: String(a),
            side: m ? 'sell' : 'buy',
            price: +p,
            amount: +q,
          }),
        )
      expectRecorded(watched[index]!, trades)
    }
  })

  it('gives every match of COINBASE with the taker’s side', async () => {
    const lines = read('COINBASE.ws.28.0.gz')
    const matches = lines.filter(({ frame }) => frame.type === 'match')
    const ids = [...new Set(matches.map(({ frame }) => frame.product_id as string))]
    const markets = Object.fromEntries(ids.map((id) => [id.replace('-', '/'), id]))
    const clock = createHandClock(lines[0]!.at - LEAD_MS)
    const accept = ({ channels, product_ids }: Record<string, unknown>) => [
      { type: 'subscriptions', channels: [{ name: (channels as string[])[0], product_ids }] },
    ]
    await using exchange = await replayable('coinbaseexchange', markets, clock, accept)
    const watched = Object.keys(markets).map((symbol) => watch(exchange, symbol, { trades: true }))
    const patch = (frame: Line['frame'], at: EpochMs, step: number) => ({
      ...frame,
      time: new Date(at).toISOString(),
      trade_id: frame.trade_id + step,
    })
    await play(
      exchange,
      clock,
      surround(lines, ({ type, product_id }) => type === 'match' && product_id, patch),
      watched,
    )
    for (const [index, id] of ids.entries()) {
      const trades = matches
        .filter(({ frame }) => frame.product_id === id)
        .map(
          ({ frame }): Trade => ({
            timestamp: Date.parse(frame.time),
            id: String(frame.trade_id),
            side: frame.side === 'buy' ? 'sell' : 'buy', // the wire has the maker's
            price: +frame.price,
            amount: +frame.size,
          }),
        )
      expectRecorded(watched[index]!, trades)
    }
  })

  it('gives every trade and the last ticker of OKX', async () => {
    const lines = read('OKX.ws.1.0.gz')
    const clock = createHandClock(lines[0]!.at - LEAD_MS)
    const accept = ({ args }: Record<string, unknown>) => [{ event: 'subscribe', arg: (args as unknown[])[0] }]
    await using exchange = await replayable('okx', { 'BTC/USDT': 'BTC-USDT' }, clock, accept)
    const watched = watch(exchange, 'BTC/USDT', { trades: true, ticker: true })
    const patch = (frame: Line['frame'], at: EpochMs, step: number) => ({
      ...frame,
      data: [{ ...frame.data[0], ts: String(at), tradeId: String(Number(frame.data[0].tradeId) + step) }],
    })
    const topic = ({ arg, data }: Line['frame']) => data && arg?.channel === 'trades' && arg.instId
    await play(exchange, clock, surround(lines, topic, patch), [watched])
    const mine = lines.filter(({ frame }) => frame.arg?.instId === 'BTC-USDT' && frame.data)
    const trades = mine
      .filter(({ frame }) => frame.arg.channel === 'trades')
      .flatMap(({ frame }) => frame.data)
      .map(({ ts, tradeId, side, px, sz }) => ({ timestamp: +ts, id: tradeId, side, price: +px, amount: +sz }))
    expectRecorded(watched, trades)
    const last = mine.filter(({ frame }) => frame.arg.channel === 'tickers').at(-1)!.frame.data[0]
    expect(watched.ticks.at(-1)).toEqual({
      timestamp: +last.ts,
      last: +last.last,
      bid: +last.bidPx,
      ask: +last.askPx,
      volume: +last.vol24h,
    })
  })

  it('gives every trade of KRAKEN, whose recorded frames (version 1) are put into those of version 2', async () => {
    const ids: Record<string, number> = {}
    const lines = read('KRAKEN.ws.48.0.gz').map((line) => {
      if (!Array.isArray(line.frame)) return line
      const [, rows, , symbol] = line.frame
      const data = rows.map(([price, qty, time, side]: string[]) => ({
        symbol,
        side: side === 'b' ? 'buy' : 'sell',
        price: Number(price),
        qty: Number(qty),
        trade_id: nextId(ids, symbol), // version 1 has none
        timestamp: new Date(Number(time) * 1000).toISOString(),
      }))
      const frame = { channel: 'trade', type: 'update', data }
      return { ...line, frame, text: JSON.stringify(frame) }
    })
    const clock = createHandClock(lines[0]!.at - LEAD_MS)
    const symbols = ['XMR/USD', 'SC/EUR']
    const accept = ({ req_id, method, params }: Record<string, unknown>) => [
      {
        method,
        req_id,
        success: true,
        result: { channel: 'trade', symbol: (params as { symbol: string[] }).symbol[0] },
      },
    ]
    await using exchange = await replayable('kraken', { 'XMR/USD': 'XMRUSD', 'SC/EUR': 'SCEUR' }, clock, accept)
    const watched = symbols.map((symbol) => watch(exchange, symbol, { trades: true }))
    const patch = (frame: Line['frame'], at: EpochMs, step: number) => {
      const [trade] = step < 0 ? frame.data : frame.data.slice(-1)
      return { ...frame, data: [{ ...trade, timestamp: new Date(at).toISOString(), trade_id: trade.trade_id + step }] }
    }
    const topic = ({ channel, data }: Line['frame']) => channel === 'trade' && data[0].symbol
    await play(exchange, clock, surround(lines, topic, patch), watched)
    for (const [index, symbol] of symbols.entries()) {
      const trades = lines
        .flatMap(({ frame }) => (frame.channel === 'trade' ? frame.data : []))
        .filter((trade) => trade.symbol === symbol)
        .map(({ trade_id, timestamp, side, price, qty }) => ({
          timestamp: Date.parse(timestamp),
          id: String(trade_id),
          side,
          price,
          amount: qty,
        }))
      expectRecorded(watched[index]!, trades)
    }
  })
})

interface Watched {
  readonly symbol: string
  readonly candles: Candle[]
  readonly trades: Trade[]
  readonly ticks: Tick[]
  readonly errors: unknown[]
}

function read(file: string): Line[] {
  const text = gunzipSync(readFileSync(join(FOLDER, file))).toString()
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+\.\d+): (.*)$/.exec(line)
    if (!match) return []
    return [{ at: Math.floor(Number(match[1]) * 1000), text: match[2]!, frame: JSON.parse(match[2]!) }]
  })
}

function nextId(ids: Record<string, number>, symbol: string): number {
  ids[symbol] = (ids[symbol] ?? 0) + 1
  return ids[symbol]
}

function replayable(
  exchange: string,
  markets: Record<string, string>,
  clock: HandClock,
  accept: (request: Record<string, unknown>) => unknown[],
): Promise<ScriptedExchange> {
  // The first trade stands before the recording, and the exchange's time with it.
  return openScriptedExchange(exchange, {
    markets,
    clock,
    onRequest: (request, session) => session.send(...accept(request)),
  })
}

/** One trade before the recorded ones of each topic and one behind them. */
function surround(
  lines: readonly Line[],
  topic: (frame: Line['frame']) => string | false | undefined,
  patch: (frame: Line['frame'], at: EpochMs, step: number) => unknown,
): Line[] {
  const first = new Map<string, Line>()
  const last = new Map<string, Line>()
  for (const line of lines) {
    const name = topic(line.frame)
    if (!name) continue
    if (!first.has(name)) first.set(name, line)
    last.set(name, line)
  }
  const make = (line: Line, at: EpochMs, step: number): Line => {
    const frame = patch(line.frame, at, step)
    return { at, frame, text: JSON.stringify(frame) }
  }
  const begin = lines[0]!.at - MARGIN_MS
  const end = lines.at(-1)!.at + MARGIN_MS
  return [
    ...[...first.values()].map((line) => make(line, begin, -1)),
    ...lines,
    ...[...last.values()].map((line) => make(line, end, 1)),
  ]
}

function watch(
  { handler }: ScriptedExchange,
  symbol: string,
  wanted: { candles?: boolean; trades?: boolean; ticker?: boolean },
): Watched {
  const watched: Watched = { symbol, candles: [], trades: [], ticks: [], errors: [] }
  const follow = async <T>(stream: AsyncIterable<T>, take: (item: T) => void) => {
    try {
      for await (const item of stream) take(item)
    } catch (error) {
      watched.errors.push(error)
    }
  }
  if (wanted.candles)
    follow(handler.watchOhlcv(symbol, '1m'), ({ settled }) => {
      for (const { rows } of settled) watched.candles.push(...rows)
    })
  if (wanted.trades)
    follow(handler.watchTrades(symbol), (pages) => {
      for (const { rows } of pages) watched.trades.push(...rows)
    })
  if (wanted.ticker) follow(handler.watchTicker(symbol), (tick) => watched.ticks.push(tick))
  return watched
}

/** Sends the recorded lines at their times, to every socket: each stream takes its own. */
async function play(
  exchange: ScriptedExchange,
  clock: HandClock,
  lines: readonly Line[],
  watched: readonly Watched[],
): Promise<void> {
  const { handler } = exchange
  // Requests are paced by the clock, which stands: it is moved until all have been sent.
  const asked = () => exchange.sessions.flatMap(({ requests }) => requests).length
  await until(() => {
    clock.moveTo(clock.now() + 50)
    return asked() >= handler.streamCounts.streams && asked() >= watched.length
  }, 'the subscriptions')
  let previous = 0
  for (const { at, text } of lines) {
    if (at - previous > 1_000) await settle(handler)
    previous = at
    clock.moveTo(at)
    for (const { socket } of exchange.sessions) socket.send(text)
  }
  await settle(handler)
  clock.moveTo(clock.now() + 50_000) // until the candles have settled, and before the watchdog takes it for a stall
  await settle(handler)
  expect(watched.flatMap(({ errors }) => errors)).toEqual([])
}

/** Until what was sent has come through: nothing has been taken for a while. */
async function settle(handler: ScriptedExchange['handler']): Promise<void> {
  for (let before = -1; handler.streamCounts.records !== before; ) {
    before = handler.streamCounts.records
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

function expectRecorded({ trades }: Watched, recorded: Trade[]): void {
  const times = recorded.map(({ timestamp }) => timestamp)
  expect(recorded.length).toBeGreaterThan(0)
  const inside = trades.filter(({ timestamp }) => timestamp >= Math.min(...times) && timestamp <= Math.max(...times))
  expect(inside).toEqual([...recorded].sort(compareTrades))
}
