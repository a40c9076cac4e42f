import type { Series } from '@fullon/market'

/**
 * Every key and channel of this package, each after `prefix`. Those of processes and tickers are those of Python's
 * fullon_cache.
 *
 * A series is `exchange[@sandbox]:symbol[:timeframe]`. Symbols hold `:` and `/`; exchanges and timeframes do not, so
 * no two series share a key.
 */
export function keysWith(prefix: string) {
  return {
    /** JSON of one process; lives a day. */
    processData: (id: string): string => `${prefix}process:data:${id}`,
    /** Hash: id → ISO time of the last update. */
    activeProcesses: (type: string): string => `${prefix}process:active:${type}`,
    /** Hash: component → id of its newest process. */
    components: `${prefix}process:components`,
    /** JSON `{ message, data, timestamp }`, an ISO time. */
    broadcastChannel: (type: string): string => `${prefix}process:broadcast:${type}`,
    /** Sorted by open time: JSON `[timestamp, open, high, low, close, volume]`. */
    candles: (series: Series): string => `${prefix}ohlcv:candles:${nameOf(series)}`,
    /** JSON like a candle's; lives until shortly after its interval. */
    formingCandle: (series: Series): string => `${prefix}ohlcv:forming:${nameOf(series)}`,
    candleChannel: (series: Series): string => `${prefix}ohlcv:changes:${nameOf(series)}`,
    /** List, newest last: JSON `[timestamp, id, side, price, amount]`. */
    trades: (series: Series): string => `${prefix}trades:newest:${nameOf(series)}`,
    tradeChannel: (series: Series): string => `${prefix}trades:changes:${nameOf(series)}`,
    /** Hash: symbol → JSON `{ symbol, exchange, price, last, bid, ask, volume, time }`, time in seconds. */
    tickers: (market: Market): string => `${prefix}tickers:${marketOf(market)}`,
    tickerChannel: ({ symbol, ...market }: TickSeries): string =>
      `${prefix}ticker_updates:${marketOf(market)}:${symbol}`,
  } as const
}

/** An exchange, or its sandbox. */
export type Market = Pick<Series, 'exchange' | 'sandbox'>
/** Whose price it is. */
export type TickSeries = Omit<Series, 'timeframe'>

export type CacheKeys = ReturnType<typeof keysWith>

function nameOf({ symbol, timeframe, ...market }: Series): string {
  const parts = [marketOf(market), symbol]
  return (timeframe === undefined ? parts : [...parts, timeframe]).join(':')
}

function marketOf({ exchange, sandbox }: Market): string {
  if (!/^[\w-]+$/.test(exchange)) throw new RangeError(`exchange: expected a ccxt id, got ${JSON.stringify(exchange)}`)
  return sandbox ? `${exchange}@sandbox` : exchange
}
