import { Client } from 'pg'
import { expect, it } from 'vitest'
import { databaseUrlsFrom } from '../src/index.js'

it("understands fullon's own variables, whatever is in the password", () => {
  const env = { DB_HOST: 'db', DB_USER: 'me', DB_PASSWORD: 'p@ss/word', DB_NAME: 'fullon', DB_OHLCV_NAME: 'candles' }
  expect(databaseUrlsFrom(env)).toEqual({
    databaseUrl: 'postgres://me:p%40ss%2Fword@db:5432/fullon',
    ohlcvUrl: 'postgres://me:p%40ss%2Fword@db:5432/candles',
  })
})

it('lets the urls win over them', () => {
  const urls = { DATABASE_URL: 'postgres://a/b', OHLCV_DATABASE_URL: 'postgres://c/d' }
  expect(databaseUrlsFrom({ DB_HOST: 'db', DB_OHLCV_NAME: 'x', ...urls })).toEqual({
    databaseUrl: urls.DATABASE_URL,
    ohlcvUrl: urls.OHLCV_DATABASE_URL,
  })
})

it('names no database where none is configured', () => {
  expect(databaseUrlsFrom({})).toEqual({ databaseUrl: undefined, ohlcvUrl: undefined })
})

it.each([
  ['/var/run/postgresql', '/var/run/postgresql'],
  ['::1', '::1'],
  ['[::1]', '::1'],
  ['10.0.0.1', '10.0.0.1'],
])('a host that is %s is reached there', (host, reached) => {
  const { databaseUrl } = databaseUrlsFrom({ DB_HOST: host, DB_PORT: '5433' })
  expect(new Client(databaseUrl)).toMatchObject({ host: reached, port: 5433, database: 'fullon' })
})
