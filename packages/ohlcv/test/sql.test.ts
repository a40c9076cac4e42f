import { expect, test } from 'vitest'
import { raw, sql } from '../src/sql/sql.js'

test('values never become text, however parts of a statement are nested', () => {
  const evil = "'; drop table candles; --"
  const part = sql`symbol = ${evil} and sandbox = ${false}`
  const both = sql`select * from ${raw('ohlcv.series')} where (${part}) or (${sql`${part}`}) limit ${1}`
  expect(both.text).toBe(
    'select * from ohlcv.series where (symbol = $1 and sandbox = $2) or (symbol = $3 and sandbox = $4) limit $5',
  )
  expect(both.values).toEqual([evil, false, evil, false, 1])
})
