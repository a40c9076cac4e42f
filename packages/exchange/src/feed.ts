/** How a series is followed and filled; decided by what the exchange can do, never by its name. */
export interface Feed {
  /** `candles` by socket; `trades` by socket, from which candles are built; `poll`: by REST alone. */
  readonly live: 'candles' | 'trades' | 'poll'
  /** REST candles reach back this many and no further; absent where the whole history is served. */
  readonly newestCandles?: number
  /** Older trades can be paged, so candles beyond the reach of REST can be rebuilt. */
  readonly tradeHistory: boolean
  /** Older trades are served for this long and no longer; absent where all are, or none. */
  readonly tradesKeptMs?: number
  /** The exchange's answers hold for what is older than this. */
  readonly settleMs: number
  /** Answers are final for what is older than this. */
  readonly auditDelayMs: number
}
