import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPrivatePostgres, openScratchDatabase } from '@fullon/embedded'
import { CandleRepository, openOhlcv } from '@fullon/ohlcv'
import { DatabaseContext } from '@fullon/orm'
import { createSeededMarket, createSimulatedClock, startSimulator } from '@fullon/simulator'
import { afterAll, afterEach, expect, it, vi } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const WAIT = { timeout: 60_000, interval: 100 }
const scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
let child: ChildProcess | undefined

afterEach(() => {
  child?.kill('SIGKILL')
})

afterAll(() => scratch.close())

/** Starts the service as `npm start` does; `lines` are its log. */
function start(env: Record<string, string>, args: readonly string[] = []) {
  const flags = ['--conditions=@fullon/source', '--import', 'tsx', 'apps/ohlcv-service/src/main.ts', ...args]
  const { REDIS_URL, DB_HOST, ADMIN_MAIL, ...inherited } = process.env
  const started = spawn(process.execPath, flags, {
    cwd: ROOT,
    env: { ...inherited, LOG_FORMAT: 'json', HTTP_PORT: '0', ...env },
  })
  child = started
  const output = { text: '' }
  for (const stream of [started.stdout, started.stderr]) {
    stream.on('data', (data) => {
      output.text += data
    })
  }
  const code = new Promise<number | null>((resolve) => started.once('close', resolve))
  return { process: started, output, code }
}

it('says what it tried and why it failed when the database is not there, without a stack trace', async () => {
  const { output, code } = start({ DATABASE_URL: 'postgres://fullon:secret@127.0.0.1:1/fullon', STARTUP_WAIT_MS: '0' })
  expect(await code).toBe(1)
  expect(output.text).toMatch(/127\.0\.0\.1:1/)
  expect(output.text).not.toMatch(/secret|"stack"|^ {4}at /m)
  const lines = output.text.trim().split('\n')
  expect(lines.filter((line) => !line.includes('answering /live'))).toHaveLength(1)
})

it.each([
  [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL: expected .*got "loud"$/],
  [{ SHARDS_MAX: '4' }, /SHARDS_MAX: expected SHARDS beside it, got .*4/],
])('says in one line which variable is wrong: %o', async (env, line) => {
  const { output, code } = start({ DATABASE_URL: 'postgres://127.0.0.1:1/fullon', ...env })
  expect(await code).toBe(1)
  expect(output.text.trim()).toMatch(line)
  expect(output.text.trim().split('\n')).toHaveLength(1)
})

it('waits for a database that starts after it', { timeout: 120_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fullon-late-'))
  await using postgres = await openPrivatePostgres({ dataDir })
  await postgres.stop()
  const service = start({ DATABASE_URL: postgres.url, STARTUP_WAIT_MS: '60000' })
  await vi.waitFor(() => expect(service.output.text).toMatch(/database not there yet, waiting for it/), WAIT)
  const [, url] = /"url":"([^"]+)"/.exec(service.output.text)!
  const [live, ready] = await Promise.all(['live', 'ready'].map((path) => fetch(`${url}/${path}`)))
  expect([live!.status, ready!.status]).toEqual([200, 503]) // alive, so that nobody restarts it while it waits
  await postgres.start()
  await vi.waitFor(() => expect(service.output.text).toMatch(/"msg":"started"/), WAIT)
  service.process.kill('SIGTERM')
  expect(await service.code).toBe(0)
  rmSync(dataDir, { recursive: true, force: true })
})

it('refuses options it does not have and explains itself with --help', async () => {
  expect(await start({}, ['--bogus']).code).toBe(2)
  const help = start({}, ['--help'])
  expect(await help.code).toBe(0)
  expect(help.output.text).toMatch(/DATABASE_URL/)
})

it('says how to add a symbol, collects it once it is there, and ends cleanly on SIGTERM', {
  timeout: 120_000,
}, async () => {
  const since = Date.now() - 3 * 3_600_000
  const clock = createSimulatedClock({ start: Date.now(), speed: 1 })
  await using simulator = await startSimulator({ market: createSeededMarket({ seed: 3, since }), clock })
  const file = join(mkdtempSync(join(tmpdir(), 'fullon-service-')), 'ccxt.json')
  writeFileSync(file, JSON.stringify(simulator.ccxtOptions))
  const service = start({ DATABASE_URL: scratch.url, FULLON_CCXT_OPTIONS: file })
  await vi.waitFor(() => expect(service.output.text).toMatch(/fullon symbol add <exchange> <symbol>/), WAIT)

  await using db = await DatabaseContext.open({ url: scratch.url })
  const { uid } = await db.users.addUser({ mail: 'admin@example.com', role: 'admin' })
  const catExId = await db.exchanges.installExchange('kraken')
  await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
  await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })
  await db.symbols.updateSymbol((await db.symbols.getBySymbol('BTC/USD'))!.symbolId, { backtest: 1 })

  await using ohlcv = await openOhlcv({ url: scratch.url })
  const repo = new CandleRepository(ohlcv, 'kraken', 'BTC/USD', '1m')
  await vi.waitFor(async () => expect(await repo.getLatestTimestamp()).toBeDefined(), WAIT)
  const [, url] = /"url":"([^"]+)"/.exec(service.output.text)!
  const answers = await Promise.all(
    ['live', 'ready', 'health', 'status', 'metrics'].map((path) => fetch(`${url}/${path}`)),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect(await answers[3]!.json()).toMatchObject([{ symbol: 'BTC/USD', kind: 'candles' }, { kind: 'trades' }])
  expect(await answers[4]!.text()).toMatch(
    /fullon_series_rows_total\{exchange="kraken",symbol="BTC\/USD",kind="candles"\} [1-9]/,
  )
  service.process.kill('SIGTERM')
  expect(await service.code).toBe(0)
  expect(service.output.text).toMatch(/"msg":"stopped"/)
})
