import { expect, it } from 'vitest'
import { readEnvironment } from '../src/index.js'

it("understands fullon's own variables", () => {
  const env = {
    DB_HOST: 'db',
    DB_USER: 'me',
    DB_PASSWORD: 'x',
    CACHE_HOST: 'redis',
    ADMIN_MAIL: 'a@b.c',
    FULLON_DATA_DIR: '/data',
  }
  expect(readEnvironment(env)).toMatchObject({
    databaseUrl: 'postgres://me:x@db:5432/fullon',
    redisUrl: 'redis://redis:6379/0',
    adminMail: 'a@b.c',
    dataDir: '/data',
  })
})

it('falls back to the embedded database, no Redis, and monitors on this machine only', () => {
  const { databaseUrl, ohlcvUrl, redisUrl, http } = readEnvironment({})
  expect([databaseUrl, ohlcvUrl, redisUrl]).toEqual([undefined, undefined, undefined])
  expect(http).toEqual({ host: undefined, port: 8080 })
})

it('refuses a value that it cannot use', () => {
  expect(() => readEnvironment({ HTTP_PORT: 'web' })).toThrow(/HTTP_PORT: expected a whole number from 0 to 65535/)
  expect(() => readEnvironment({ FULLON_CCXT_OPTIONS: '/does/not/exist.json' })).toThrow(/expected a JSON file/)
})
