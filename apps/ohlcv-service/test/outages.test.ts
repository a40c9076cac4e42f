import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPrivatePostgres } from '@fullon/embedded'
import { expect, it, vi } from 'vitest'
import { openScene, untilLive, WAIT } from './scene.js'

it('loses nothing while the database is away, and goes on when it is back', { timeout: 240_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'fullon-outage-'))
  try {
    await using postgres = await openPrivatePostgres({ dataDir })
    await using scene = await openScene({ url: postgres.url, symbols: { 'BTC/USD': {}, 'ADA/USD': {} } })
    await using service = await scene.run()
    await untilLive(service, 4)
    await postgres.stop()
    await vi.waitFor(() => expect(service.status().every(({ error }) => error !== undefined)).toBe(true), WAIT)
    await scene.clock.sleep(10 * 60_000)
    await postgres.start()
    for (const symbol of ['BTC/USD', 'ADA/USD']) await scene.expectComplete(symbol)
    const isWell = () => expect(service.status().map(({ error }) => error)).toEqual(Array(4).fill(undefined))
    await vi.waitFor(isWell, WAIT)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})

it('collects without the Redis it was told to use', { timeout: 180_000 }, async () => {
  await using scene = await openScene({ symbols: { 'ADA/USD': {} } })
  await using service = await scene.run({ redisUrl: 'redis://127.0.0.1:1' })
  await scene.expectComplete('ADA/USD')
  const isWell = () => expect(service.status().map(({ error }) => error)).toEqual([undefined, undefined])
  await vi.waitFor(isWell, WAIT)
})

it('ends at once when it was told to stop before it had started', { timeout: 60_000 }, async () => {
  await using scene = await openScene({ symbols: { 'ADA/USD': {} } })
  const service = await scene.run({ signal: AbortSignal.abort() })
  await service.ended
  expect(service.status()).toEqual([])
})
