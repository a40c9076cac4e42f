// Whether docs/exchanges.md says what the tables of quirks in @fullon/exchange say, and names each source that stands
// beside them; `--write` puts the present table there. Needs a build.
import { readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT, readText } from './packages.mjs'

const MANUAL = 'docs/exchanges.md'
const SOURCE = 'packages/exchange/src'
const EXCHANGES = ['kraken', 'binance', 'coinbaseexchange', 'bitmex', 'hyperliquid', 'okx', 'bybit']
const TABLE = /(<!-- the table of scripts\/check-exchanges\.mjs -->\n)[\s\S]*?(<!-- its end -->)/
const HOUR_MS = 3_600_000

const { restQuirksOf } = await importBuilt('rest-quirks.js')
const { streamQuirksOf } = await importBuilt('stream-quirks.js')
const ccxt = (await import(pathToFileURL(createRequire(join(ROOT, 'packages/exchange/package.json')).resolve('ccxt'))))
  .default

const manual = readText(MANUAL)
const written = manual.replace(TABLE, (_, start, end) => `${start}${EXCHANGES.map(toRow).join('\n')}\n${end}`)
const faults = findSources()
  .filter((source) => !manual.includes(source))
  .map((source) => `expected the source ${source}`)
if (process.argv.includes('--write')) writeFileSync(join(ROOT, MANUAL), written)
else if (written !== manual || !TABLE.test(manual)) {
  faults.push('expected the table to be as the quirks are now (node scripts/check-exchanges.mjs --write)')
}
for (const fault of faults) console.error(`${MANUAL}: ${fault}`)
if (faults.length > 0) process.exitCode = 1

function toRow(id, index) {
  const exchange = new ccxt.pro[id]()
  const rest = restQuirksOf(id)
  const cells = [id, candles(rest, exchange), trades(rest), live(exchange, id), budget(rest)]
  const head = ['exchange', 'candles by REST', 'trades by REST', 'by socket', 'budget of one address']
  const lines = index === 0 ? [head, head.map(() => '---'), cells] : [cells]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

function candles({ candleLimit, candlesNewestOnly, candlesKept }, { features }) {
  const limit = candleLimit === 'features' ? features.spot.fetchOHLCV.limit : candleLimit
  if (candlesNewestOnly) return `the ${limit} newest, nothing older`
  return `${limit} a page, ${candlesKept ? `the ${candlesKept} newest` : 'all of them'}`
}

function trades({ trades }) {
  if (trades.direction === 'none') return 'none'
  if (trades.direction === 'newest') return `the newest ${trades.limit}, of contracts ${trades.contractLimit}`
  const cursor = trades.direction === 'backward' ? 'by id' : trades.next ? 'by cursor' : 'by time, overlapping'
  const within = trades.windowMs === HOUR_MS ? ', an hour a request' : ''
  const kept = trades.keptMs ? `, ${trades.keptMs / 24 / HOUR_MS} days` : ''
  return `${trades.limit} a page, ${trades.direction}s ${cursor}${within}${kept}`
}

function live(exchange, id) {
  const { watchTimeframes, consecutiveTradeIds, isCandleClosed } = streamQuirksOf(id)
  const has = exchange.has.watchOHLCV && watchTimeframes?.length !== 0
  const closed = isCandleClosed ? ', flagged when closed' : ''
  const frames = watchTimeframes ? ` (${watchTimeframes.join(', ')})` : ''
  return `${has ? `candles${frames}${closed}; ` : ''}trades${consecutiveTradeIds ? ' with consecutive ids' : ''}`
}

function budget({ budget }) {
  if (!budget) return "as ccxt's `rateLimit`"
  return `weight ${budget.weight} in ${budget.windowMs / 1000} s, ${budget.burst} at once`
}

/** The addresses of documentation in the comments beside the quirks. */
function findSources() {
  const quirks = readdirSync(join(ROOT, SOURCE, 'quirks')).map((name) => `quirks/${name}`)
  return [...quirks, 'stream-quirks.ts'].flatMap((name) =>
    readText(`${SOURCE}/${name}`)
      .split('\n')
      .filter((line) => /^\s*(\/\/|\*|\/\*)/.test(line))
      .flatMap((line) => line.match(/(?:[\w-]+\.)+(?:com|io)\/[\w./#-]*\w/g) ?? []),
  )
}

function importBuilt(name) {
  return import(pathToFileURL(join(ROOT, 'packages/exchange/dist', name)))
}
