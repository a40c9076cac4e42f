import { readFileSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Candle, floorToTimeframe, type Trade } from '@fullon/market'
import { CandleRepository, openOhlcv } from '@fullon/ohlcv'
import { parquetReadObjects } from 'hyparquet'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorld } from './open-world.js'
import type { Finished } from './run-command.js'

const HOUR_MS = 3_600_000
const BTC = ['binance', 'BTC/USDT'] as const

const world = await openWorld({ hours: 30 })
const { fullon, json, simulator } = world
const sql = postgres(world.env.DATABASE_URL!, { max: 1, onnotice: () => {} })

afterAll(async () => {
  await sql.end()
  await world[Symbol.asyncDispose]()
})

/** What was seen before and while the service ran; it is stopped when the tests begin. */
const seen = {} as Record<'before' | 'gaps' | 'coverage' | 'days' | 'status' | 'service', Finished>

beforeAll(async () => {
  await json('exchange', 'add', 'binance', '--param', 'trades=on')
  await json('symbol', 'add', ...BTC, '--backtest', '1')
  seen.before = await fullon('gaps', ...BTC, '--json')
  const running = world.start('run')
  let log = ''
  running.child.stdout?.on('data', (text) => {
    log += text
  })
  const url = await until(() => /"url":"(http:[^"]+)"/.exec(log)?.[1])
  await until(async () => (await fullon('gaps')).code === 0)
  await until(async () => (await fullon('status', '--url', url)).stdout.includes('idle, live'))
  seen.status = await fullon('status', '--url', url, '--json')
  seen.gaps = await fullon('gaps', ...BTC)
  seen.coverage = await fullon('coverage', ...BTC)
  seen.days = await fullon('coverage', '--json')
  running.child.kill('SIGTERM')
  seen.service = await running.finished
}, 240_000)

async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const found = await look()
    if (found) return found as NonNullable<T>
    await delay(100)
  }
}

describe('fullon run', () => {
  it('collects what is configured, logs JSON lines where there is no terminal, and ends cleanly on SIGTERM', () => {
    const { code, stdout, stderr } = seen.service
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg)
    expect(messages).toEqual(expect.arrayContaining(['started', 'collecting', 'stopped']))
  })
})

describe('fullon status', () => {
  it('shows each series of a running service, and that it is healthy', () => {
    expect(seen.status.code).toBe(0)
    const { healthy, series } = JSON.parse(seen.status.stdout)
    expect(healthy).toBe(true)
    expect(series).toMatchObject([
      { name: 'binance BTC/USDT candles', doing: expect.stringContaining('live'), gaps: expect.any(Number) },
      { name: 'binance BTC/USDT trades' },
    ])
  })

  it('fails when no service answers', async () => {
    const finished = await fullon('status', '--url', 'http://127.0.0.1:1')
    expect(finished).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/127\.0\.0\.1:1.*fullon run/) })
  })
})

describe('fullon gaps', () => {
  it('names what is missing, with an exit code for scripts, and nothing once it is there', async () => {
    expect(seen.before.code).toBe(1)
    const [gap] = JSON.parse(seen.before.stdout)
    expect(gap).toMatchObject({ exchange: 'binance', symbol: 'BTC/USDT', kind: '1m' })
    expect(gap.minutes).toBeGreaterThan(1430)
    expect(seen.gaps).toEqual({ code: 0, stdout: 'no gaps\n', stderr: '' })
    const mistyped = await fullon('gaps', 'binance', 'BTC/UDST')
    expect(mistyped).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean BTC/USDT?') })
  })
})

describe('fullon coverage', () => {
  it('draws a block for each day', () => {
    const { code, stdout } = seen.coverage
    expect(code).toBe(0)
    expect(stdout).toMatch(/^binance BTC\/USDT 1m\n {2}\d{4}-\d\d {2} *█?[█▓]/)
    expect(stdout).toMatch(/█ confirmed .* · gap/)
    expect(stdout).not.toContain('\u001b')
    const [candles, trades] = JSON.parse(seen.days.stdout) as { kind: string; days: { state: string }[] }[]
    expect([candles!.kind, trades!.kind]).toEqual(['1m', 'trades'])
    for (const { state } of candles!.days) expect(['confirmed', 'covered']).toContain(state)
  })
})

describe('fullon candles', () => {
  it('shows what the exchange published, in a timeframe that is not stored', async () => {
    const candles = await json<(Candle & { whole: boolean })[]>('candles', ...BTC, '1h', '--last', '5')
    const whole = candles.filter((one) => one.whole)
    expect(candles).toHaveLength(5)
    expect(whole.length).toBeGreaterThan(2)
    const span = { since: whole[0]!.timestamp, until: whole.at(-1)!.timestamp + HOUR_MS }
    const published = simulator.truth.candles('BTC/USDT', '1h', span)
    expect(whole.map(({ timestamp, open, high, low, close }) => ({ timestamp, open, high, low, close }))).toEqual(
      published.map(({ volume, ...prices }) => prices),
    )
  })

  it('leaves out minutes without a trade, unless it is asked to fill them', async () => {
    const hour = ['--since', '3h', '--until', '2h']
    const [traded, filled] = [
      await json<Candle[]>('candles', ...BTC, ...hour),
      await json<Candle[]>('candles', ...BTC, ...hour, '--fill'),
    ]
    expect(filled).toHaveLength(60)
    expect(traded.length).toBeLessThan(60)
    expect(filled.filter(({ volume }) => volume > 0)).toEqual(traded)
  })

  it('prints a table, a CSV and a chart', async () => {
    const since = new Date(floorToTimeframe(Date.now() - 4 * HOUR_MS, '1h')).toISOString()
    const print = (format: string) => fullon('candles', ...BTC, '15m', '--since', since, '--format', format)
    const table = await print('table')
    expect(table.stdout).toMatch(
      /^time \(UTC\) +open +high +low +close +volume\n\d{4}-\d\d-\d\d \d\d:(00|15|30|45):00 /,
    )
    const csv = await print('csv')
    expect(csv.stdout).toMatch(/^timestamp,open,high,low,close,volume\n\d{13},/)
    expect(csv.stdout.split('\n')).toHaveLength(table.stdout.split('\n').length)
    const chart = await print('chart')
    expect(chart.stdout).toMatch(/┃/)
    expect(chart.stdout).not.toContain('\u001b')
    expect(chart.stdout).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d … /)
  })

  it('says what was meant where nothing of that name is stored', async () => {
    expect(await fullon('candles', 'bnance', 'BTC/USDT')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean binance?'),
    })
    expect(await fullon('candles', 'binance', 'DOGE/EUR')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is BTC/USDT'),
    })
  })
})

it('fullon trades shows the newest, or the oldest from a time on', async () => {
  const newest = await json<Trade[]>('trades', ...BTC, '--last', '20')
  const span = { since: newest[0]!.timestamp, until: newest.at(-1)!.timestamp + 1 }
  expect(newest).toHaveLength(20)
  expect(simulator.truth.trades('BTC/USDT', span).slice(-20)).toEqual(newest)
  const since = Date.now() - 5 * HOUR_MS
  const oldest = await json<Trade[]>('trades', ...BTC, '--since', new Date(since).toISOString(), '--last', '3')
  expect(simulator.truth.trades('BTC/USDT', { since, until: Date.now() }).slice(0, 3)).toEqual(oldest)
  const { stdout } = await fullon('trades', ...BTC, '--last', '2', '--format', 'csv')
  expect(stdout).toMatch(/^timestamp,id,side,price,amount\n\d{13},\d+,(buy|sell),/)
})

describe('fullon export', () => {
  const bounds = { since: Date.now() - 20 * HOUR_MS, until: Date.now() - HOUR_MS }
  const range = ['--since', new Date(bounds.since).toISOString(), '--until', new Date(bounds.until).toISOString()]
  const published = simulator.truth.trades('BTC/USDT', bounds)

  it('writes every row as CSV, to standard output or to a file', async () => {
    const { stdout } = await fullon('export', ...BTC, 'trades', ...range)
    const lines = stdout.trim().split('\n')
    expect(lines.slice(1)).toEqual(
      published.map(({ timestamp, id, side, price, amount }) => [timestamp, id, side, price, amount].join()),
    )
    const file = join(world.dataDir, 'trades.csv')
    expect(await json('export', ...BTC, 'trades', ...range, '--out', file)).toMatchObject({
      rows: published.length,
      file,
    })
    expect(readFileSync(file, 'utf8')).toBe(stdout)
  })

  it('writes Parquet that others read', async () => {
    const file = join(world.dataDir, 'rows.parquet')
    const read = async () => {
      const { buffer } = new Uint8Array(readFileSync(file))
      return parquetReadObjects({ file: buffer })
    }
    await json('export', ...BTC, 'trades', ...range, '--format', 'parquet', '--out', file)
    expect((await read()).map(({ timestamp, ...row }) => ({ timestamp: Number(timestamp), ...row }))).toEqual(published)
    await json('export', ...BTC, '1h', ...range, '--format', 'parquet', '--out', file)
    const candles = await json<(Candle & { whole: boolean })[]>('candles', ...BTC, '1h', ...range)
    expect((await read()).map(({ timestamp, ...row }) => ({ timestamp: Number(timestamp), ...row }))).toEqual(
      candles.map(({ whole, ...candle }) => candle),
    )
  })

  it('leaves nothing half-written behind, and asks for a file where there must be one', async () => {
    const refused = await fullon('export', ...BTC, '1m', '--out', join(world.dataDir, 'none', 'x.csv'))
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOENT') })
    const folder = join(world.dataDir, 'folder')
    await mkdir(folder)
    expect(await fullon('export', ...BTC, '1m', '--out', folder)).toMatchObject({ code: 1, stdout: '' })
    const unsuitable = await fullon('export', ...BTC, '1m', '--format', 'parquet')
    expect(unsuitable).toMatchObject({ code: 1, stderr: expect.stringContaining('--out FILE') })
    expect((await readdir(world.dataDir)).filter((name) => name.endsWith('.part'))).toEqual([])
  })
})

describe('fullon verify', () => {
  it('finds nothing where nothing is wrong', async () => {
    const { code, stdout } = await fullon('verify', ...BTC, '--since', '20h')
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+ rows asked for again: none different\n$/),
    })
  })

  it('names each candle that is not as published, and repairs it', async () => {
    const [first, second] = await sql<{ timestamp: Date }[]>`
      select "timestamp" from ohlcv.candles where "timestamp" > now() - interval '10 hours' order by 1 limit 2`
    await sql`update ohlcv.candles set close = close + 1, high = high + 1 where "timestamp" = ${first!.timestamp}`
    await sql`delete from ohlcv.candles where "timestamp" = ${second!.timestamp}`
    const verify = (...flags: string[]) => fullon('verify', ...BTC, '--since', '20h', ...flags)
    const found = await verify('--json')
    expect(found.code).toBe(1)
    expect(JSON.parse(found.stdout)).toMatchObject({
      differences: [
        { stored: { timestamp: Number(first!.timestamp) }, published: { timestamp: Number(first!.timestamp) } },
        { published: { timestamp: Number(second!.timestamp) } },
      ],
      notAsked: [],
    })
    expect(await verify('--repair')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/2 different, repaired\n$/),
    })
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/none different\n$/) })
  })

  it('compares trades one by one', async () => {
    const [row] = await sql<{ id: string }[]>`
      update ohlcv.trades set amount = amount * 2 where (series_id, "timestamp", trade_id) in (
        select series_id, "timestamp", trade_id from ohlcv.trades where "timestamp" < now() - interval '3 hours' limit 1)
      returning trade_id as id`
    const verify = (...flags: string[]) => fullon('verify', ...BTC, '--since', '30h', '--trades', ...flags)
    expect(JSON.parse((await verify('--json')).stdout)).toMatchObject({ differences: [{ stored: { id: row!.id } }] })
    await verify('--repair')
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/none different\n$/) })
  })
})

it('fullon backfill widens one symbol, now and from now on', { timeout: 240_000 }, async () => {
  const { code, stdout, stderr } = await fullon('backfill', ...BTC, '--since', '29h')
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/rows stored; wanted from now on: 2 days back/),
  })
  expect(stderr).toMatch(/binance BTC\/USDT █+ 100 %/)
  expect(await json('symbol', 'list')).toMatchObject([{ backtest: 2 }])
  const since = floorToTimeframe(Date.now() - 28 * HOUR_MS, '1m')
  const span = { since, until: since + HOUR_MS }
  const range = ['--since', new Date(span.since).toISOString(), '--until', new Date(span.until).toISOString()]
  const stored = await json<(Candle & { whole: boolean })[]>('candles', ...BTC, '1m', ...range)
  expect(stored.map(({ whole, ...candle }) => candle)).toEqual(simulator.truth.candles('BTC/USDT', '1m', span))
})

it('fullon seal puts past weeks in order, once', async () => {
  const monday = Date.UTC(2024, 0, 8)
  await using ohlcv = await openOhlcv({ url: world.env.DATABASE_URL! })
  const rows = [{ timestamp: monday, open: 1, high: 2, low: 1, close: 2, volume: 1 }]
  const old = new CandleRepository(ohlcv, 'binance', 'OLD/USDT', '1m')
  await old.saveCandles({ rows, covered: { since: monday, until: monday + HOUR_MS } })
  const { sealed } = await json<{ sealed: object[] }>('seal')
  expect(sealed).toContainEqual(expect.objectContaining({ table: 'candles', since: monday }))
  expect(await fullon('seal')).toMatchObject({ code: 0, stdout: 'nothing to seal\n' })
  expect(await old.getCandles()).toEqual(rows)
})
