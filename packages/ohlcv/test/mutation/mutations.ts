import { FAST_PATHS } from './fast-paths.js'
import { REFUSALS } from './refusals.js'
import { SPANS_AND_ROWS } from './spans-and-rows.js'

export interface Mutation {
  /** What a user would lose. */
  readonly breaks: string
  /** Under `src`. */
  readonly file: string
  /** Occurs once in the file. */
  readonly line: string
  readonly becomes: string
  /** Which tests must see it. */
  readonly tests: readonly string[]
}

/** Each rule of saving, broken once. */
export const MUTATIONS: readonly Mutation[] = [
  ...REFUSALS,
  ...SPANS_AND_ROWS,
  ...FAST_PATHS,
  {
    breaks: 'a confirmed page deletes what the exchange has withdrawn',
    file: 'save-page.ts',
    line: 'replaced: unionSpans(confirmed, intersectSpans(stored.built, writable))',
    becomes: 'replaced: intersectSpans(stored.built, writable)',
    tests: ['save-candles', 'save-trades'],
  },
  {
    breaks: 'a provisional page of candles replaces built ones whole',
    file: 'save-page.ts',
    line: 'replaced: unionSpans(confirmed, intersectSpans(stored.built, writable))',
    becomes: 'replaced: confirmed',
    tests: ['build-from-trades'],
  },
  {
    breaks: 'a provisional page never changes what is confirmed',
    file: 'save-page.ts',
    line: 'unionSpans(confirmed, subtractSpans([window], stored.confirmed))',
    becomes: '[window]',
    tests: ['save-candles', 'save-trades'],
  },
  {
    breaks: 'a confirmed page corrects what was confirmed before',
    file: 'save-page.ts',
    line: 'unionSpans(confirmed, subtractSpans([window], stored.confirmed))',
    becomes: 'subtractSpans([window], stored.confirmed)',
    tests: ['save-candles'],
  },
  {
    breaks: 'only the part before confirmedUntil is final',
    file: 'save-page.ts',
    line: '{ ...window, until: confirmedUntil }',
    becomes: 'window',
    tests: ['save-candles'],
  },
  {
    breaks: "what the exchange's own candles cover is not built any more",
    file: 'save-page.ts',
    line: ', unbuilt: writable',
    becomes: '',
    tests: ['build-from-trades'],
  },
  {
    breaks: "the exchange's candle wins over a built one",
    file: 'build-from-trades.ts',
    line: 'unionSpans(exchangeOwn, candles.confirmed),',
    becomes: 'candles.confirmed,',
    tests: ['build-from-trades'],
  },
  {
    breaks: 'trades never change a confirmed candle of the exchange',
    file: 'build-from-trades.ts',
    line: 'subtractSpans(candles.confirmed, candles.built),',
    becomes: '[],',
    tests: ['build-from-trades'],
  },
  {
    breaks: 'a candle is built only when its whole interval is covered',
    file: 'build-from-trades.ts',
    line: 'subtractSpans(\n    wholeIntervals(trades.covered, timeframe),',
    becomes: 'subtractSpans(\n    trades.covered,',
    tests: ['build-from-trades', 'model'],
  },
  {
    breaks: 'only confirmed trades make final candles',
    file: 'build-from-trades.ts',
    line: 'wholeIntervals(trades.confirmed, timeframe)',
    becomes: 'wholeIntervals(trades.covered, timeframe)',
    tests: ['build-from-trades'],
  },
  {
    breaks: 'a built candle follows a trade that was withdrawn',
    file: 'build-from-trades.ts',
    line: 'replaced: [slice]',
    becomes: 'replaced: []',
    tests: ['build-from-trades'],
  },
  {
    breaks: 'a candle that says nothing is coverage without a row',
    file: 'candle-repository.ts',
    line: 'const rows = page.rows.filter((candle) => !saysNothing(candle))',
    becomes: 'const { rows } = page',
    tests: ['save-candles'],
  },
  {
    breaks: 'writers of one series wait for each other',
    file: 'sql/lock-series.ts',
    line: ' for update of coverage`)\n    if (row)',
    becomes: '`)\n    if (row)',
    tests: ['concurrency', 'kill'],
  },
  {
    breaks: 'an unchanged row is not written again',
    file: 'sql/merge-candles.ts',
    line: 'from stored where is_same limit',
    becomes: 'from stored where not is_same limit',
    tests: ['save-candles'],
  },
  {
    breaks: 'a page deletes nothing outside of what it replaces',
    file: 'sql/merge-candles.ts',
    line: '::tstzmultirange @> "timestamp"',
    becomes: '::tstzmultirange is not null',
    tests: ['save-candles'],
  },
  {
    breaks: 'rows and coverage commit together',
    file: 'connections.ts',
    line: "this.#between('begin isolation level read committed',",
    becomes: "this.#between('select',",
    tests: ['faults'],
  },
  {
    breaks: 'a connection that gave no answer is not used again',
    file: 'connections.ts',
    line: 'release(connection.lost)',
    becomes: 'release()',
    tests: ['connections'],
  },
  {
    breaks: 'retention takes the coverage of what it drops',
    file: 'apply-retention.ts',
    line: 'await forgetCoverage(connection, [seriesId], spans)',
    becomes: '',
    tests: ['retention'],
  },
  {
    breaks: 'retention drops no week that another series keeps',
    file: 'apply-retention.ts',
    line: ' && !holdings.some(({ kept }) => clipSpans(kept, week).length > 0)',
    becomes: '',
    tests: ['retention'],
  },
  {
    breaks: 'what retention dropped is not asked for again',
    file: 'wanted-since.ts',
    line: 'now - Math.min(backtestMs, keepMs)',
    becomes: 'now - backtestMs',
    tests: ['retention'],
  },
  {
    breaks: 'a lost connection stops its shards',
    file: 'open-shards.ts',
    line: 'stop.abort(reason)',
    becomes: 'void stop',
    tests: ['shards'],
  },
  {
    breaks: 'nobody waits for a week that is being sealed but those who want it',
    file: 'session-config.ts',
    line: "plan_cache_mode: 'force_custom_plan',",
    becomes: '',
    tests: ['seal-due'],
  },
  {
    breaks: 'a sealer does not wait for a long read, and others behind it',
    file: 'sql/cluster-partition.ts',
    line: 'const LOCK_TIMEOUT_MS = 200',
    becomes: 'const LOCK_TIMEOUT_MS = 0',
    tests: ['seal-due'],
  },
  {
    breaks: 'one process seals at a time',
    file: 'seal-due.ts',
    line: '!(await tryLock(connection))',
    becomes: 'false',
    tests: ['seal-due'],
  },
  {
    breaks: 'a week that is being filled is not sealed',
    file: 'sql/find-unsealed.ts',
    line: 'where changed_at <= ',
    becomes: 'where changed_at <> ',
    tests: ['seal-due'],
  },
  {
    breaks: 'a week that changed is sealed again',
    file: 'sql/find-unsealed.ts',
    line: '(sealed_changes is null',
    becomes: '(sealed_changes is null and 1 = 1) and (true',
    tests: ['seal-due'],
  },
]
