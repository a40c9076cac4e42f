/**
 * Lines that must not be otherwise. `find` stands once in `file`; replaced, `tests` go red, and so does the short set
 * of `npm run chaos` where `chaos` says so.
 */
export const MUTATIONS = [
  {
    name: 'forming-candle-stored-as-closed',
    file: 'packages/exchange/src/candle-stream.ts',
    find: '    this.#forming = candle\n  }',
    replace: '    this.#close(candle)\n  }',
    tests: ['packages/exchange/test/candle-stream.test.ts', 'packages/exchange/test/kraken.test.ts'],
  },
  {
    name: 'trades-paged-by-last-plus-one-ms',
    file: 'packages/exchange/src/trade-page.ts',
    find: 'source.limit ? lastTime(answer) : Number',
    replace: 'source.limit ? lastTime(answer) + 1 : Number',
    tests: ['packages/exchange/test/trade-page.test.ts'],
    chaos: true,
  },
  {
    name: 'coverage-claimed-across-a-reconnect',
    file: 'packages/exchange/src/stream.ts',
    find: '    if (this.#failure) throw this.#failure.error\n',
    replace: '    if (this.#failure) {\n      this.#failure = undefined\n      void this.#subscribe()\n    }\n',
    tests: ['packages/exchange/test/kraken.test.ts'],
  },
  {
    name: 'coverage-claimed-across-trades-that-are-missing',
    file: 'packages/exchange/src/trade-stream.ts',
    find: '    this.#since = undefined\n    this.#newest = Number.NEGATIVE_INFINITY\n',
    replace: '',
    tests: ['packages/exchange/test/trade-stream.test.ts'],
  },
  {
    name: 'provisional-answer-changes-what-is-final',
    file: 'packages/ohlcv/src/save-page.ts',
    find: 'unionSpans(confirmed, subtractSpans([window], stored.confirmed))',
    replace: '[window]',
    tests: ['packages/ohlcv/test/save-candles.test.ts'],
  },
  {
    name: 'provisional-answer-counts-as-final',
    file: 'packages/ohlcv/src/save-page.ts',
    find: 'confirmedUntil === undefined ? [] :',
    replace: 'confirmedUntil === undefined ? [window] :',
    tests: ['packages/ohlcv/test/save-candles.test.ts'],
  },
  {
    name: 'fresh-answer-counts-as-final',
    file: 'packages/exchange/src/candle-page.ts',
    find: 'floorToTimeframe(serverTime - facts.auditDelayMs, timeframe)',
    replace: 'floorToTimeframe(serverTime, timeframe)',
    tests: ['packages/exchange/test/candle-page.test.ts'],
  },
  {
    name: 'empty-answer-believed',
    file: 'packages/exchange/src/confirm-silence.ts',
    find: 'const ROUNDS = 3',
    replace: 'const ROUNDS = 0',
    tests: ['packages/exchange/test/candle-reader.test.ts', 'packages/exchange/test/trade-page.test.ts'],
  },
  {
    name: 'our-clock-taken-for-the-exchanges',
    file: 'packages/exchange/src/server-clock.ts',
    find: 'if (Number.isFinite(date))',
    replace: 'if (date === 0)',
    tests: ['packages/exchange/test/server-clock.test.ts'],
    chaos: true,
  },
  {
    name: 'history-said-to-begin-at-the-first-row',
    file: 'packages/exchange/src/candle-page.ts',
    find: 'const proved = newestOnly && count >= limit ? first : undefined',
    replace: 'const proved = first',
    tests: ['packages/exchange/test/candle-page.test.ts'],
  },
]
