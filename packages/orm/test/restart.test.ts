import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPrivatePostgres } from '@fullon/embedded'
import { expect, it } from 'vitest'
import { DatabaseContext } from '../src/index.js'
import { until } from './database.js'

it('outlives restarts of Postgres: a watch misses no change, a transaction is undone, calls work again', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'fullon-orm-restart-'))
  await using server = await openPrivatePostgres({ dataDir })
  await using db = await DatabaseContext.open({ url: server.url, connectTimeoutMs: 5_000 })
  const catExId = await db.exchanges.installExchange('kraken')
  const abort = new AbortController()
  const [seen, lost] = [new Set<string>(), [] as unknown[]]
  const logger = { warn: ({ err }: { readonly err?: unknown }) => void lost.push(err) }
  const watching = (async () => {
    for await (const changes of db.watch({ signal: abort.signal, pollMs: 3_600_000, logger }))
      for (const change of changes) if (change.table === 'symbols' && change.after) seen.add(change.after.symbol)
  })()
  const ended = expect(watching).rejects.toMatchObject({ name: 'AbortError' })

  for (const base of ['A', 'B', 'C']) {
    await db.symbols.addSymbol({ symbol: `${base}1/USD`, catExId })
    await until(() => seen.has(`${base}1/USD`))
    const undone = db.transaction(async ({ symbols }) => {
      await symbols.addSymbol({ symbol: `${base}2/USD`, catExId })
      await server.stop()
      await symbols.addSymbol({ symbol: `${base}3/USD`, catExId })
    })
    await expect(undone).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
    await expect(db.symbols.getAll()).rejects.toMatchObject({ code: 'UNAVAILABLE', transient: true })
    await until(() => lost.length > 0)
    lost.length = 0
    await server.start()
    await db.symbols.addSymbol({ symbol: `${base}4/USD`, catExId }) // at once, before the watch is back
    await until(() => seen.has(`${base}4/USD`))
  }
  const stored = (await db.symbols.getAll()).map(({ symbol }) => symbol)
  expect([...seen]).toEqual(stored)
  expect(stored).toEqual(['A', 'B', 'C'].flatMap((base) => [`${base}1/USD`, `${base}4/USD`]))
  abort.abort()
  await ended
  await server.close()
  await rm(dataDir, { recursive: true })
})
