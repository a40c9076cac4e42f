import { expect } from 'vitest'
import { CandleRepository, nextGaps, TradeRepository } from '../src/index.js'
import { test } from './fixtures.js'
import { randomOf } from './random.js'
import { minutes } from './rows.js'

test('of every series the first of its gaps, whatever is covered, final or not to be had', async ({
  database: { db },
  symbol,
}) => {
  const random = randomOf(6)
  const repos = Array.from({ length: 60 }, (_, index) => {
    const name = `${index}-${symbol}`
    const sandbox = index % 5 === 0
    return index % 3
      ? {
          repo: new CandleRepository(db, 'kraken', name, '1m', { sandbox }),
          series: { exchange: 'kraken', symbol: name, sandbox, timeframe: '1m' } as const,
        }
      : {
          repo: new TradeRepository(db, 'kraken', name, { sandbox }),
          series: { exchange: 'kraken', symbol: name, sandbox },
        }
  })
  for (const { repo } of repos) {
    for (let saves = random.int(6); saves > 0; saves--) {
      const since = random.int(20)
      const covered = minutes(since, since + 1 + random.int(8))
      const page = { rows: [], covered, ...(saves % 2 && { confirmedUntil: covered.until }) }
      await (repo instanceof CandleRepository ? repo.saveCandles(page) : repo.saveTrades(page))
    }
    const since = random.int(20) + 0.5 * random.int(2)
    if (random.int(2)) await repo.markUnavailable(minutes(since, since + 2 * random.int(4)), 'history')
  }
  // The longest holds all of them in the part that is looked at first; of the short ones some are answered to the end.
  for (const wanted of [
    minutes(-2_000, 25),
    minutes(-100, 12),
    minutes(-9, 12),
    minutes(0, 8),
    minutes(1, 10),
    minutes(0, 25),
    minutes(3.5, 24.5),
    minutes(7, 7),
    minutes(4.2, 4.4),
  ]) {
    for (const strength of ['covered', 'confirmed'] as const) {
      const expected = await Promise.all(repos.map(async ({ repo }) => (await repo.gaps({ ...wanted, strength }))[0]))
      const asked = repos.map(({ series }) => ({ series, ...wanted }))
      expect(await nextGaps(db, asked, { strength })).toEqual(expected)
    }
  }
})

test('a series that nobody saved is wanted whole', async ({ database: { db }, symbol }) => {
  const series = { exchange: 'kraken', symbol, timeframe: '1h' } as const
  expect(await nextGaps(db, [{ series, ...minutes(0, 150) }])).toEqual([minutes(0, 120)])
  expect(await nextGaps(db, [])).toEqual([])
})
