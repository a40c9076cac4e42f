import type { Candle, Tick, Trade } from '@fullon/market'
import type { Redis } from 'ioredis'
import { type CandleSeries, keysWith, type TickSeries } from '../src/index.js'
import { changeRecord, parseProcessRecord } from '../src/process-record.js'
import { stringifyCandle, stringifyTrade } from '../src/rows.js'
import { stringifyTick } from '../src/tick-record.js'

const keys = keysWith('bare:')

/**
 * What the caches do, by someone who has only ioredis and one pipeline a batch: the same keys, values and bounds,
 * without time limits and without a transaction.
 */
export const bare = {
  candles(redis: Redis, series: readonly CandleSeries[], closed: Candle, forming: Candle): Promise<unknown> {
    const pipeline = redis.pipeline()
    for (const one of series) {
      const [key, row, current] = [keys.candles(one), stringifyCandle(closed), stringifyCandle(forming)]
      pipeline.zremrangebyscore(key, closed.timestamp, closed.timestamp)
      pipeline.zadd(key, closed.timestamp, row).zremrangebyrank(key, 0, -1_001)
      pipeline.set(keys.formingCandle(one), current, 'PX', 120_000)
      pipeline.publish(keys.candleChannel(one), `{"candles":[${row}],"forming":${current}}`)
    }
    return pipeline.exec()
  },

  ticks(redis: Redis, series: readonly TickSeries[], tick: Tick): Promise<unknown> {
    const pipeline = redis.pipeline()
    for (const one of series) {
      const text = stringifyTick(one, tick)
      pipeline.hset(keys.tickers(one), one.symbol, text).publish(keys.tickerChannel(one), text)
    }
    return pipeline.pexpire(keys.tickers({ exchange: 'kraken' }), 86_400_000).exec()
  },

  trades(redis: Redis, series: TickSeries, trades: readonly Trade[]): Promise<unknown> {
    const rows = trades.map(stringifyTrade)
    const pipeline = redis
      .pipeline()
      .rpush(keys.trades(series), ...rows)
      .ltrim(keys.trades(series), -1_000, -1)
    return pipeline.publish(keys.tradeChannel(series), `[${rows.join(',')}]`).exec()
  },

  /** Reads and writes without looking whether another changed the process in between. */
  async heartbeats(redis: Redis, ids: readonly string[], now: number): Promise<unknown> {
    const reading = redis.pipeline()
    for (const id of ids) reading.get(keys.processData(id))
    const texts = (await reading.exec()) ?? []
    const writing = redis.pipeline()
    for (const [index, id] of ids.entries()) {
      const record = changeRecord(parseProcessRecord(String(texts[index]?.[1]), id), { status: 'running' }, now)
      writing.set(keys.processData(id), JSON.stringify(record), 'PX', 86_400_000)
      writing.hset(keys.activeProcesses(record.process_type), id, record.updated_at)
    }
    return writing.exec()
  },
}
