import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPrivatePostgres } from '@fullon/embedded'
import type { Logger } from '@fullon/log'
import { CandleRepository } from '@fullon/ohlcv'
import postgres from 'postgres'
import { expect, it, vi } from 'vitest'
import { Supervisor } from '../src/supervisor.js'
import { freePort, MINUTE_MS, openScene, quietLog, untilLive, WAIT } from './scene.js'

it('collects a symbol that could not start at first, and shows meanwhile why', { timeout: 120_000 }, async () => {
  await using scene = await openScene({ symbols: {} })
  await using service = await scene.run()
  const sql = postgres(scene.url, { max: 1, onnotice: () => {} })
  await sql`alter table ohlcv.series rename to away`
  await scene.db.symbols.addSymbol({ symbol: 'ADA/USD', catExId: scene.catExId })
  await vi.waitFor(
    () => expect(service.status().map(({ error }) => error)).toEqual(Array(2).fill(expect.stringMatching(/series/))),
    WAIT,
  )
  expect(service.status()[0]).toMatchObject({ state: 'starting', symbol: 'ADA/USD' })
  await sql`alter table ohlcv.away rename to series`
  await sql.end()
  await untilLive(service, 2)
  expect(service.status().map(({ error }) => error)).toEqual([undefined, undefined])
})

it('asks again for what was not to be had when more is wanted, though the store was away just then', {
  timeout: 120_000,
}, async () => {
  await using scene = await openScene({ params: { trades: 'off' }, symbols: { 'ADA/USD': { backtest: 0 } } })
  await using service = await scene.run()
  await untilLive(service, 1)
  const candles = new CandleRepository(scene.ohlcv, 'kraken', 'ADA/USD', '1m')
  const lost = { since: scene.clock.now() - 300 * MINUTE_MS, until: scene.clock.now() - 200 * MINUTE_MS }
  await candles.markUnavailable(lost, 'in maintenance')
  const sql = postgres(scene.url, { max: 1, onnotice: () => {} })
  await sql`alter table ohlcv.unavailable rename to away`
  const { symbolId } = (await scene.db.symbols.getBySymbol('ADA/USD'))!
  await scene.db.symbols.updateSymbol(symbolId, { backtest: 1 })
  await vi.waitFor(() => expect(service.status()[1]!.error).toMatch(/unavailable/), WAIT)
  await sql`alter table ohlcv.away rename to unavailable`
  await sql.end()
  const reasons = async () => (await candles.coverage()).unavailable.map(({ reason }) => reason)
  await vi.waitFor(async () => expect(await reasons()).not.toContain('in maintenance'), WAIT)
})

it('ends by a bug in a collector, and says so: half of it would look whole', { timeout: 120_000 }, async () => {
  await using scene = await openScene({ symbols: { 'ADA/USD': {} } })
  const broken: Logger = Object.assign(Object.create(quietLog()), {
    child: () => broken,
    warn: () => {
      throw new Error('a bug')
    },
  })
  const service = await scene.run({ log: broken })
  await untilLive(service, 2)
  scene.simulator.faults.dropSockets()
  await expect(service.ended).rejects.toThrow('a bug')
  await service.close() // says nothing of it once more
})

it('is not ready while the market data are away, and alive all the time', { timeout: 120_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'fullon-ready-'))
  try {
    await using other = await openPrivatePostgres({ dataDir })
    await using scene = await openScene({ symbols: {} })
    const port = await freePort()
    await using _service = await scene.run({ ohlcvUrl: other.url, http: { port } })
    const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
    await vi.waitFor(async () => expect(await ask('/ready')).toBe(200), WAIT)
    await other.stop()
    await vi.waitFor(async () => expect(await ask('/ready')).toBe(503), WAIT)
    expect(await ask('/live')).toBe(200)
    await other.start()
    await vi.waitFor(async () => expect(await ask('/ready')).toBe(200), WAIT)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})

it('collects what the user of ADMIN_MAIL has, not the first admin', { timeout: 120_000 }, async () => {
  await using scene = await openScene({ symbols: { 'ADA/USD': {} } })
  const { uid } = await scene.db.users.addUser({ mail: 'other@example.com' })
  await scene.db.exchanges.addUserExchange({ uid, catExId: scene.catExId, name: 'ohlcv_account' })
  await scene.db.exchanges.deactivateExchange(scene.exId)
  await using service = await scene.run({ adminMail: 'other@example.com' })
  await untilLive(service, 2)
  await using ofNobody = await scene.run({ adminMail: 'nobody@example.com' })
  await using ofAdmin = await scene.run()
  await scene.clock.sleep(5 * MINUTE_MS)
  expect([...ofNobody.status(), ...ofAdmin.status()]).toEqual([])
})

it("uses the share of the exchanges' rate that goes with the shards it holds", async () => {
  await using scene = await openScene({ symbols: {} })
  const shares: number[] = []
  const { db, ohlcv, clock } = scene
  const queue = { setShare: (share: number) => shares.push(share) }
  const parts = { db, ohlcv, clock, queue, shards: { count: 4 }, log: quietLog() }
  const supervisor = new Supervisor(parts as never) // cast: nothing is wanted yet, so nothing else is needed
  for (const held of [[0, 1, 2, 3], [2], []]) await supervisor.hold(held)
  expect(shares).toEqual([1, 0.25, 0.25])
})
