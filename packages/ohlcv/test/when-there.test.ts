import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPrivatePostgres } from '@fullon/embedded'
import { expect, onTestFinished, test } from 'vitest'
import { openOhlcv } from '../src/index.js'

test('a database that is started after its user is waited for as long as was said', { timeout: 120_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fullon-wait-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  await using server = await openPrivatePostgres({ dataDir })
  const { url } = server
  await server.stop()
  await expect(openOhlcv({ url })).rejects.toMatchObject({ code: 'UNAVAILABLE' })

  const told = await new Promise<string>((resolve, reject) => {
    const logger = { warn: (_fields: object, message: string) => resolve(message) }
    openOhlcv({ url, waitMs: 60_000, logger }).then((db) => db.close(), reject)
  })
  expect(told).toBe('database not there yet, waiting for it')

  const waiting = openOhlcv({ url, waitMs: 60_000 })
  await server.start()
  await using db = await waiting
  expect(db).toBeDefined()

  await server.stop()
  const stop = new AbortController()
  const logger = { warn: () => stop.abort(new Error('told to stop')) }
  await expect(openOhlcv({ url, waitMs: 60_000, signal: stop.signal, logger })).rejects.toThrow('told to stop')
})
