/** Constructor options for a ccxt binance of `count` symbols whose sockets lead to `url`; nothing else is asked. */
export function binanceOptions(url: string, count: number): Record<string, unknown> {
  const markets = Array.from({ length: count }, (_, index) => toMarket(`S${index}`))
  return {
    urls: { api: { ws: { spot: url } } },
    fetchMarkets: async () => markets,
    fetchCurrencies: async () => ({}),
  }
}

function toMarket(base: string): object {
  const id = `${base}USDT`
  return {
    id,
    lowercaseId: id.toLowerCase(),
    symbol: `${base}/USDT`,
    base,
    quote: 'USDT',
    baseId: base,
    quoteId: 'USDT',
    type: 'spot',
    spot: true,
    active: true,
    precision: {},
    limits: {},
  }
}
