// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are parts of source text

import type { Mutation } from './mutations.js'

/** What the ways that save round trips must not leave out, each broken once. */
export const FAST_PATHS: readonly Mutation[] = [
  {
    breaks: 'a page is added at once only where nothing of it is covered',
    file: 'sql/add-candles.ts',
    line: 'where not covered && tstzrange(since, until)',
    becomes: 'where true',
    tests: ['save-at-once', 'save-candle-pages'],
  },
  {
    breaks: 'pages are added at once all or none',
    file: 'sql/add-candles.ts',
    line: ') where (select is_all from found)',
    becomes: ')',
    tests: ['save-at-once'],
  },
  {
    breaks: 'pages that are not added are not covered',
    file: 'sql/add-candles.ts',
    line: ' and (select is_all from found)',
    becomes: '',
    tests: ['save-at-once'],
  },
  {
    breaks: 'a page that is added at once claims no more than its own span as final',
    file: 'sql/add-candles.ts',
    line: 'return Math.min(Math.max(confirmedUntil, since), until)',
    becomes: 'return until',
    tests: ['save-at-once'],
  },
  {
    breaks: 'what is in the way of adding at once is not waited for with tables in hand',
    file: 'sql/add-candles.ts',
    line: ' skip locked',
    becomes: '',
    tests: ['save-at-once'],
  },
  {
    breaks: 'a row that nothing vouches for is no error of a page that is added at once',
    file: 'sql/add-candles.ts',
    line: 'if (isDuplicate(error)) return false',
    becomes: '',
    tests: ['save-at-once'],
  },
  {
    breaks: 'a series that was deleted and made again is found again',
    file: 'save-at-once.ts',
    line: 'db.seriesIds.forget(series)',
    becomes: '',
    tests: ['save-at-once'],
  },
  {
    breaks: 'a series that is covered to the end of what is wanted has no gap there',
    file: 'sql/find-next-gaps.ts',
    line: 'when answered_until < until then until',
    becomes: 'when answered_until <= until then until',
    tests: ['next-gaps'],
  },
  {
    breaks: 'the newest gap is looked for in all of the part that is not answered for whole',
    file: 'sql/find-next-gaps.ts',
    line: "${eighths('k - 1')})) - answers",
    becomes: "${eighths('k')})) - answers",
    tests: ['next-gaps'],
  },
  {
    breaks: 'candles come from the stored timeframe that holds most of them',
    file: 'sql/fetch-candles.ts',
    line: ') desc nulls last,',
    becomes: ') asc nulls last,',
    tests: ['timeseries'],
  },
]
