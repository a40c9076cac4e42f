/** When a fault begins, in simulated ms after the simulator was started. */
interface At {
  readonly atMs: number
}

/** A fault that lasts, in simulated ms. */
interface During extends At {
  readonly forMs: number
}

/** Of the requests, frames or trades of that time; 1, the default, is all of them. */
interface Some extends During {
  readonly share?: number
}

/** Only this symbol, ccxt unified; otherwise every symbol. */
interface Where {
  readonly symbol?: string
}

/**
 * One thing that goes wrong, as data: a list of them is a plan that can be printed, kept in a file and repeated.
 * Faults of any kinds may overlap.
 */
export type Fault =
  /** Every WebSocket is reset. */
  | (At & { readonly kind: 'drop' })
  /** On the WebSockets that are open nothing comes through any more in either direction, and nothing closes. */
  | (At & { readonly kind: 'half-open' })
  /** Every subscription is sent once more what it began with: a snapshot, as after a reconnect. */
  | (At & { readonly kind: 'snapshot' })
  /** WebSockets carry heartbeats and answers and no data; what is published meanwhile is never sent. */
  | (During & { readonly kind: 'stall' })
  /** Subscriptions are refused, in the exchange's form. */
  | (During & { readonly kind: 'refuse' })
  /** What is sent on a WebSocket arrives this much later, in order. */
  | (During & { readonly kind: 'delay'; readonly delayMs: number })
  /** Data is sent twice. */
  | (Some & { readonly kind: 'duplicate' })
  /** Trades are published, everywhere, up to this much after they were made, and so out of order. */
  | (Some & Where & { readonly kind: 'late-trades'; readonly latenessMs: number })
  /**
   * The candles of the first minute that begins at `atMs` or later are published without its last trade, until
   * this long after its end. REST has the corrected ones from then on; WebSockets do not repeat them.
   */
  | (At & Where & { readonly kind: 'correction'; readonly delayMs: number })
  /** Nothing is traded. */
  | (During & Where & { readonly kind: 'quiet' })
  /** From now on the symbol is not traded and not offered any more. */
  | (At & { readonly kind: 'delist'; readonly symbol: string })
  /** REST answers what was published this long ago; dates and times are right. */
  | (During & { readonly kind: 'lag'; readonly lagMs: number })
  /** REST has no trades and no candles. */
  | (Some & { readonly kind: 'empty' })
  /** REST answers with this status, 400 to 599, and no data. */
  | (Some & { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number })
  /** REST answers a page of HTML, status 200. */
  | (Some & { readonly kind: 'html' })
  /** REST answers the first half of the JSON, status 200. */
  | (Some & { readonly kind: 'cut' })
  /** REST takes requests and never answers them. */
  | (Some & { readonly kind: 'hang' })
  /** REST resets the connection instead of answering. */
  | (Some & { readonly kind: 'reset' })
  /** REST resets the connection in the middle of an answer, which is compressed where the client takes gzip. */
  | (Some & { readonly kind: 'break-off' })
  /** All is closed: REST answers 503, WebSockets are closed and not opened again. Trading goes on. */
  | (During & { readonly kind: 'maintenance' })
  /** REST gives nothing older than `days`, and of each timeframe the newest `candles` only. */
  | (During & { readonly kind: 'history-limit'; readonly days?: number; readonly candles?: number })

export type FaultKind = Fault['kind']

export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>
