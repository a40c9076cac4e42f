// A process of its own: `ours <ccxtOptions>` or `ccxt`; prints the time and the memory until then.
const [, , mode, options = '{}'] = process.argv
const startedAt = performance.now()
const rssBefore = process.memoryUsage().rss
if (mode === 'ccxt') {
  await import('ccxt')
} else {
  const { ExchangeQueue } = await import('@fullon/exchange')
  const queue = new ExchangeQueue({ ccxtOptions: JSON.parse(options) })
  const handler = await queue.getHandler('kraken')
  await handler.getOhlcv('BTC/USD', '1m')
}
const elapsedMs = performance.now() - startedAt
process.stdout.write(JSON.stringify({ elapsedMs, rssMb: (process.memoryUsage().rss - rssBefore) / 2 ** 20 }))
process.exit(0)
