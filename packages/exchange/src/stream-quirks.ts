import {
  readBinanceAnswer,
  readBitmexAnswer,
  readBybitAnswer,
  readCoinbaseAnswer,
  readHyperliquidAnswer,
  readKrakenAnswer,
  readOkxAnswer,
  type SubscriptionAnswer,
} from './subscription-answers.js'
import { fields, list } from './wire.js'

/** What ccxt does not declare about an exchange's streams, each entry with its evidence. */
export interface StreamQuirks {
  /** Timeframes whose candles the socket delivers truly. Default: all. */
  readonly watchTimeframes?: readonly string[]
  /** Public trade ids are consecutive per symbol: a jump is a loss. */
  readonly consecutiveTradeIds?: boolean
  /**
   * Whether a message repeats the past. Default: trades older than the subscription are taken to, as sockets
   * that send a history on subscribing do not agree on a flag.
   */
  readonly isTradeSnapshot?: (message: unknown) => boolean
  /** Whether a message says that its candle of `timestamp` is closed. Without it a newer candle closes one. */
  readonly isCandleClosed?: (message: unknown, timestamp: number) => boolean
  /** What a message says about the subscription that `request` asked for. Without it subscriptions are never cancelled. */
  readonly readAnswer?: (message: unknown, request: unknown) => SubscriptionAnswer | undefined
  /** Least time between two requests on a socket. */
  readonly requestIntervalMs: number
  /** A socket that brings no record for this long has stalled; less than the audit's delay. */
  readonly stallMs: number
  /** A trade arrives at most this much after a newer one. */
  readonly latenessMs: number
  /** ccxt would log in for trades that anybody may subscribe to. */
  readonly needsNoLogin?: boolean
  /** Put into ccxt's constructor under `options`. */
  readonly ccxtOptions?: Readonly<Record<string, unknown>>
}

const DEFAULTS: StreamQuirks = { requestIntervalMs: 20, stallMs: 120_000, latenessMs: 5_000 }

const BINANCE: Partial<StreamQuirks> = {
  consecutiveTradeIds: true,
  // developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#klinecandlestick-streams: `x`, "is this kline closed?".
  isCandleClosed: (message, timestamp) => {
    const { t, x } = fields(fields(unwrap(message)).k)
    return t === timestamp && x === true
  },
  readAnswer: readBinanceAnswer,
  // …/web-socket-streams#websocket-limits: 5 incoming messages a second, pings included.
  requestIntervalMs: 250,
  ccxtOptions: {
    // REST serves aggregate trades; their ids ("a") are consecutive, and so both speak one id space.
    watchTrades: { name: 'aggTrade' },
    watchTradesForSymbols: { name: 'aggTrade' },
    // ccxt opens up to 50 sockets of 200 streams; the exchange allows 1024 on one.
    streamLimits: { spot: 4, future: 4, delivery: 4 },
    subscriptionLimitByStream: { spot: 1000, future: 1000, delivery: 1000 },
  },
}

const QUIRKS: Readonly<Record<string, Partial<StreamQuirks>>> = {
  kraken: {
    // One subscription a symbol whatever the interval in ccxt: a second timeframe silently gets the first's rows.
    watchTimeframes: ['1m'],
    // docs.kraken.com/api/docs/websocket-v2/trade: trade_id is "a sequence number, unique per book".
    consecutiveTradeIds: true,
    // A subscription starts with the newest 50 trades: {"channel":"trade","type":"snapshot",…}.
    isTradeSnapshot: (message) => fields(message).type === 'snapshot',
    readAnswer: readKrakenAnswer,
  },
  binance: BINANCE,
  binanceus: BINANCE,
  binanceusdm: BINANCE,
  binancecoinm: BINANCE,
  coinbaseexchange: {
    // docs.cdp.coinbase.com/exchange/docs/websocket-channels#match: trade_id is a sequence per product.
    consecutiveTradeIds: true,
    readAnswer: readCoinbaseAnswer,
  },
  okx: {
    // okx.com/docs-v5/en/#order-book-trading-market-data-ws-candlesticks-channel: the ninth value is `confirm`, "1" once closed.
    isCandleClosed: (message, timestamp) =>
      list(fields(message).data).some((row) => Number(list(row)[0]) === timestamp && list(row)[8] === '1'),
    // …-ws-candlesticks-channel: from six hours on `candle6H` opens by Hong Kong's time, `candle6Hutc` by UTC; ccxt asks for the former.
    watchTimeframes: ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h'],
    // okx.com/docs-v5/en/#order-book-trading-market-data-ws-all-trades-channel: "every update contain only one trade", as in
    // REST's history; ccxt's default `trades` adds up the matches of a taker order at one price under the last of their ids.
    ccxtOptions: { watchTrades: { channel: 'trades-all' } },
    needsNoLogin: true,
    readAnswer: readOkxAnswer,
    // …/#overview-websocket-connect: 480 subscribe and unsubscribe requests an hour and connection, 3 connections a second.
    requestIntervalMs: 100,
  },
  bybit: {
    // bybit-exchange.github.io/docs/v5/websocket/public/kline: `confirm`, whether the candle is closed.
    isCandleClosed: (message, timestamp) =>
      list(fields(message).data).some((row) => fields(row).start === timestamp && fields(row).confirm === true),
    readAnswer: readBybitAnswer,
  },
  bitmex: {
    // ccxt leaves `open` undefined in streamed candles (the wire's is the previous close): they are built from trades.
    watchTimeframes: [],
    // www.bitmex.com/app/wsAPI: a subscription starts with {"table":"trade","action":"partial",…}.
    isTradeSnapshot: (message) => fields(message).action === 'partial',
    readAnswer: readBitmexAnswer,
  },
  hyperliquid: { readAnswer: readHyperliquidAnswer },
}

export function streamQuirksOf(exchange: string): StreamQuirks {
  return { ...DEFAULTS, ...QUIRKS[exchange] }
}

/** A frame of a combined stream: {"stream":"btcusdt@kline_1m","data":{…}}. */
function unwrap(message: unknown): unknown {
  return fields(message).data ?? message
}
