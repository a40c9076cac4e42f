import { expect, test } from 'vitest'
import { inlined, raw, sql } from '../src/sql/sql.js'

test('values never become text, however parts of a statement are nested', () => {
  const evil = "'; drop table candles; --"
  const part = sql`symbol = ${evil} and sandbox = ${false}`
  const both = sql`select * from ${raw('ohlcv.series')} where (${part}) or (${sql`${part}`}) limit ${1}`
  expect(both.text).toBe(
    'select * from ohlcv.series where (symbol = $1 and sandbox = $2) or (symbol = $3 and sandbox = $4) limit $5',
  )
  expect(both.values).toEqual([evil, false, evil, false, 1])
})

test('what is written into a statement is a quoted text, a number, a boolean or null, and nothing else', () => {
  expect(inlined(sql`select ${"it's"}, ${1.5}, ${true}, ${null}`)).toBe("select 'it''s', 1.5, true, null")
  const evil = { toString: () => '1; drop table candles' } as unknown as number // cast: as an untyped caller does
  for (const value of [evil, [evil] as unknown as number, Number.NaN, Buffer.from('1')]) {
    expect(() => inlined(sql`select * from candles limit ${value}`)).toThrow(TypeError)
  }
})
