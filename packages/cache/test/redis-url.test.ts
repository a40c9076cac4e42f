import { expect, it } from 'vitest'
import { redisUrlFrom } from '../src/index.js'

it("understands fullon's own variables, and lets the url win over them", () => {
  expect(redisUrlFrom({ CACHE_HOST: 'redis', CACHE_DB: '3' })).toBe('redis://redis:6379/3')
  expect(redisUrlFrom({ CACHE_HOST: 'redis', REDIS_URL: 'rediss://other' })).toBe('rediss://other')
  expect(redisUrlFrom({})).toBeUndefined()
})
