import type { Mutation } from './mutations.js'

/** What is refused, each let through once. */
export const REFUSALS: readonly Mutation[] = [
  ...[
    ['rows that are not finite', '!areFinite || !Number.isFinite(volume)', 'false'],
    ['candles that are not aligned', 'floorToTimeframe(timestamp, timeframe) !== timestamp', 'false'],
    ['candles whose prices contradict each other', 'low > Math.min(open, close) ||', 'false &&'],
    ['a negative volume', "return volume < 0 ? 'volume >= 0' : undefined", 'return undefined'],
    ['candles that come twice', 'row.timestamp <= previous', 'row.timestamp < previous'],
    ['trades that descend', 'if (previous && row.timestamp < previous.timestamp)', 'if (false)'],
    ['a trade that comes twice', 'ids.has(row.id)', 'false'],
    [
      'rows before their span',
      'row.timestamp >= covered.since && row.timestamp < covered.until',
      'row.timestamp < covered.until',
    ],
    [
      'rows after their span',
      'row.timestamp >= covered.since && row.timestamp < covered.until',
      'row.timestamp >= covered.since',
    ],
    ['spans that cut a candle', 'bound !== undefined && floorToTimeframe(bound, timeframe) !== bound', 'false'],
    ['spans that are not in time', 'isTime(since) && isTime(until) && since <= until', 'since <= until'],
    ['ids that Postgres cannot store', ' || UNSTORABLE.test(id)', ''],
    ['rows that nothing vouches for', '!covered && rows.length > 0', 'false'],
  ].map(([what = '', line = '', becomes = '']) => {
    return { breaks: `refuses ${what}`, file: 'check-page.ts', line, becomes, tests: ['check-page'] }
  }),
  {
    breaks: 'a full disk says what it is',
    file: 'errors.ts',
    line: "'53100': 'DISK_FULL',",
    becomes: '',
    tests: ['full-disk', 'faults'],
  },
  {
    breaks: 'a standby says what it is',
    file: 'errors.ts',
    line: "'25006': 'READ_ONLY',",
    becomes: '',
    tests: ['standby', 'faults'],
  },
]
