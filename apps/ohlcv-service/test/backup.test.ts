import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openScratchDatabase } from '@fullon/embedded'
import { CandleRepository, openOhlcv, TradeRepository } from '@fullon/ohlcv'
import { DatabaseContext } from '@fullon/orm'
import { createSeededMarket } from '@fullon/simulator'
import { expect, it } from 'vitest'

const MINUTE_MS = 60_000
const SINCE = Date.UTC(2026, 0, 11, 22) // over a week's end: two partitions
const SPAN = { since: SINCE, until: SINCE + 240 * MINUTE_MS }
/** Their own major version or newer; the embedded Postgres brings none. */
const hasPrograms = ['pg_dump', 'pg_restore'].every((name) => spawnSync(name, ['--version']).status === 0)

/** The commands of docs/operations.md, in order. */
function readCommands(): string[] {
  const manual = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  return [...manual.matchAll(/<!-- run by \S*backup\.test\.ts -->\n```sh\n([\s\S]*?)```/g)].map(([, code]) => code!)
}

/** Everything that a reader of `url` gets. */
async function readAll(url: string) {
  await using db = await DatabaseContext.open({ url })
  await using ohlcv = await openOhlcv({ url })
  const candles = new CandleRepository(ohlcv, 'kraken', 'BTC/USD', '1m')
  const trades = new TradeRepository(ohlcv, 'kraken', 'BTC/USD')
  return {
    symbols: await db.symbols.getAll(),
    candles: await candles.getCandles(),
    trades: await trades.getTradesInRange(SPAN),
    coverage: [await candles.coverage(), await trades.coverage()],
    gaps: await candles.gaps({ ...SPAN, until: SPAN.until + MINUTE_MS }),
  }
}

it.skipIf(!hasPrograms || !process.env.TEST_DATABASE_URL)(
  'restores a backup with every row, what vouches for it, and the configuration',
  { timeout: 120_000 },
  async () => {
    await using source = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
    await using restored = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
    await fill(source.url)
    const before = await readAll(source.url)
    expect(before).toMatchObject({ symbols: [{ symbol: 'BTC/USD' }], gaps: [{ since: SPAN.until }] })
    expect(before.candles.length).toBeGreaterThan(200)

    const folder = mkdtempSync(join(tmpdir(), 'fullon-backup-'))
    const env = { ...process.env, DATABASE_URL: source.url, RESTORED_URL: restored.url }
    const commands = readCommands()
    expect(commands).toHaveLength(2)
    for (const command of commands) {
      const { status, stderr } = spawnSync('bash', ['-euc', command], { cwd: folder, env, encoding: 'utf8' })
      expect({ command, status, stderr }).toMatchObject({ status: 0 })
    }
    rmSync(folder, { recursive: true })
    expect(await readAll(restored.url)).toEqual(before)
  },
)

async function fill(url: string): Promise<void> {
  await using db = await DatabaseContext.open({ url })
  await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId: await db.exchanges.installExchange('kraken') })
  await using ohlcv = await openOhlcv({ url })
  const market = createSeededMarket({ seed: 1, since: SINCE })
  const rows = market.trades('BTC/USD', SPAN).map(({ timestampUs: _, ...trade }) => trade)
  const page = { rows, covered: SPAN, confirmedUntil: SPAN.until }
  await new TradeRepository(ohlcv, 'kraken', 'BTC/USD').saveTrades(page, { build: { timeframe: '1m' } })
}
