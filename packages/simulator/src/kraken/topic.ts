import type { Timeframe } from '@fullon/market'

/** What a connection can subscribe to. */
export type Topic =
  | { readonly channel: 'trade'; readonly symbol: string }
  | {
      readonly channel: 'ohlc'
      readonly symbol: string
      readonly intervalMinutes: number
      readonly timeframe: Timeframe
    }

export type CandleTopic = Extract<Topic, { channel: 'ohlc' }>

/** The same for the same topic. A connection has one interval a symbol, so it is not part of a session's own key. */
export function topicKey(topic: Topic): string {
  return topic.channel === 'trade' ? `trade ${topic.symbol}` : `ohlc ${topic.symbol} ${topic.intervalMinutes}`
}
