import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ProtocolName, Simulator } from '../src/index.js'

export type Row = [number, number, number, number, number, number]

export interface CcxtTrade {
  id: string
  timestamp: number
  side: string
  price: number
  amount: number
}

/** What is used of a ccxt instance here. */
export interface Ccxt extends AsyncDisposable {
  markets: Record<string, { id: string; active: boolean; precision: { price: number; amount: number } }>
  last_json_response: { result: { last: string } }
  last_response_headers: Record<string, string>
  options: Record<string, unknown>
  loadMarkets(reload?: boolean): Promise<unknown>
  loadHttpProxyAgent(): Promise<unknown>
  fetchTime(): Promise<number>
  fetchStatus(): Promise<{ status: string }>
  fetchTicker(symbol: string): Promise<{ last: number; baseVolume: number }>
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number, params?: object): Promise<Row[]>
  fetchTrades(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtTrade[]>
  watchTrades(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtTrade[]>
  watchOHLCV(symbol: string, timeframe: string): Promise<Row[]>
  watchTicker(symbol: string): Promise<{ last: number }>
  close(): Promise<void>
}

/** The real class of ccxt, pointed at the simulator. */
export async function openCcxt(simulator: Simulator, name: ProtocolName, options: object = {}): Promise<Ccxt> {
  const entry = createRequire(import.meta.url).resolve('ccxt')
  const root = entry.slice(0, entry.lastIndexOf(`${sep}ccxt${sep}`) + 6)
  const { default: Exchange } = await import(pathToFileURL(join(root, `js/src/pro/${name}.js`)).href)
  const exchange: Ccxt = new Exchange({
    ...simulator.ccxtOptions[name],
    enableRateLimit: false,
    enableLastJsonResponse: true,
    ...options,
  })
  await exchange.loadHttpProxyAgent()
  exchange[Symbol.asyncDispose] = () => exchange.close()
  return exchange
}

export function plainTrade({ id, timestamp, side, price, amount }: CcxtTrade): object {
  return { id, timestamp, side, price, amount }
}

/** The true trades from the first to the last of `trades`. */
export function trueTrades(simulator: Simulator, symbol: string, trades: readonly CcxtTrade[]): object[] {
  const [first, last] = [trades[0]!, trades.at(-1)!]
  return simulator.truth
    .trades(symbol, { since: first.timestamp, until: last.timestamp + 1 })
    .filter(({ id }) => Number(id) >= Number(first.id) && Number(id) <= Number(last.id))
}

export function trueRows(simulator: Simulator, symbol: string, since: number, until: number): Row[] {
  return simulator.truth
    .candles(symbol, '1m', { since, until })
    .map(({ timestamp, open, high, low, close, volume }) => [timestamp, open, high, low, close, volume])
}
