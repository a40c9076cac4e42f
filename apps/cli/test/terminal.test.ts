import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Candle } from '@fullon/market'
import { CandleRepository, openOhlcv, type SeriesStatus } from '@fullon/ohlcv'
import { afterAll, describe, expect, it } from 'vitest'
import { candleChart } from '../src/candle-chart.js'
import { drawCalendar, listDays } from '../src/coverage-calendar.js'
import { LiveTable } from '../src/live-table.js'
import { ProgressBar } from '../src/progress-bar.js'
import { openWorld } from './open-world.js'
import { COMMAND, ROOT } from './run-command.js'

const DAY_MS = 86_400_000

/** What was written, as a terminal or as a file. */
function createOut({ isTTY = true, rows = 24, columns = 80 } = {}) {
  const written: string[] = []
  const out = { isTTY, rows, columns, write: (text: string) => written.push(text) }
  return { out: out as unknown as NodeJS.WriteStream, written } // cast: all that is used of it
}

/** Escape sequences as they can be read. */
const readable = (text = '') => text.replaceAll('\u001b[', '<')

const status = (symbol: string, more: Partial<SeriesStatus> = {}): SeriesStatus => ({
  ...{ exchange: 'kraken', sandbox: false, symbol, kind: 'candles', startedAt: 0, state: 'idle', gaps: 0 },
  ...{ rows: 1, corrected: 0, deleted: 0, saves: 1, saveMs: 1 },
  ...more,
})

describe('the live table', () => {
  it('fits the terminal, so that it can be drawn over: no line wraps, none scrolls away', () => {
    const { out, written } = createOut({ rows: 10, columns: 30 })
    const table = new LiveTable(out)
    table.draw(
      'now',
      Array.from({ length: 40 }, (_, index) => status(`COIN${index}/USD`)),
    )
    const lines = readable(written[0])
      .split('\n')
      .map((line) => line.replace(/^<2K|^<J/, ''))
    expect(lines.length).toBeLessThan(10)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(30)
    expect(lines.at(-2)).toMatch(/^… \d+ more$/)
    table.draw('now', [])
    expect(readable(written[1])).toMatch(new RegExp(`^<${lines.length - 1}A`))
    expect(readable(written[1])).toMatch(/<J$/) // what the shorter picture leaves over is gone
  })

  it('says what keeps a series, and what to do when there is none', () => {
    const { out, written } = createOut()
    new LiveTable(out).draw('now', [status('BTC/USD', { state: 'cooling', error: 'Error: no route to host' })])
    new LiveTable(out).draw('now', [])
    expect(written[0]).toContain('! kraken BTC/USD candles: Error: no route to host')
    expect(written[1]).toContain('fullon symbol add kraken BTC/USD --backtest 30')
  })
})

it('a progress bar tells the time that is left, in place on a terminal and in lines elsewhere', () => {
  const terminal = createOut()
  const bar = new ProgressBar(terminal.out, 'filling')
  bar.draw(0)
  bar.draw(0.5, 'no route to host')
  expect(readable(terminal.written[1])).toMatch(/^\r<2Kfilling █{15}░{15} 50\.0 %, .*left no route to host$/)
  const file = createOut({ isTTY: false })
  const lines = new ProgressBar(file.out, 'filling')
  for (const done of [0.1, 0.2, 1]) lines.draw(done)
  expect(file.written.map((line) => line.replace(/^.* (\S+ %).*\n$/, '$1'))).toEqual(['10.0 %', '100 %'])
})

describe('the calendar of coverage', () => {
  const since = Date.UTC(2026, 0, 30)
  const days = (from: number, to: number) => ({ since: since + from * DAY_MS, until: since + to * DAY_MS })
  const coverage = {
    covered: [days(1, 3), days(4, 6)],
    confirmed: [days(1, 2), days(4, 5)],
    built: [days(4, 4.5)],
    unavailable: [{ ...days(0, 1), reason: 'too old', at: 0 }],
  }

  it('shows the worst of each day', () => {
    expect(listDays(coverage, days(0, 6.5)).map(({ day, state }) => `${day} ${state}`)).toEqual([
      '2026-01-30 unavailable',
      '2026-01-31 confirmed',
      '2026-02-01 covered',
      '2026-02-02 gap',
      '2026-02-03 built',
      '2026-02-04 covered',
      '2026-02-05 gap',
    ])
    expect(listDays(coverage, days(1.9, 2.1))).toHaveLength(2)
  })

  it('puts each day under its own', () => {
    expect(drawCalendar(listDays(coverage, days(0, 6)))).toEqual([`2026-01  ${' '.repeat(29)}×█`, '2026-02  ▓·▒▓'])
    expect(readable(drawCalendar(listDays(coverage, days(1, 2)), { colour: true })[0])).toMatch(/<32m█<0m$/)
  })
})

it('a chart has a column for each candle, green when it rose and red when it fell', () => {
  const candle = (open: number, close: number): Candle => ({
    ...{ timestamp: Date.UTC(2026, 0, 30), open, high: 12, low: 8, close, volume: 1 },
  })
  expect(candleChart([candle(9.4, 10.6), candle(10.2, 10.2)], { height: 4 })).toEqual([
    '││ 12.0000',
    '┃┃',
    '┃│',
    '││ 8.00000',
    '2026-01-30 00:00 … 2026-01-30 00:00',
  ])
  const [top] = candleChart([candle(9, 11), candle(11, 9)], { height: 1, colour: true })
  expect(readable(top)).toMatch(/^<32m┃<0m<31m┃<0m/)
})

// script(1) of util-linux gives a command a terminal.
describe.skipIf(!existsSync('/usr/bin/script') || process.platform !== 'linux')('on a terminal', async () => {
  const world = await openWorld({ hours: 2 })
  afterAll(() => world[Symbol.asyncDispose]())

  function onTerminal(args: string, env: Record<string, string> = {}) {
    const command = `stty cols 100 rows 30; exec ${process.execPath} ${COMMAND.join(' ')} ${args}`
    const { NO_COLOR, FORCE_COLOR, CI, ...inherited } = process.env
    const child = spawn('/usr/bin/script', ['-qefc', command, '/dev/null'], {
      cwd: ROOT,
      env: { ...inherited, TERM: 'xterm-256color', ...world.env, ...env },
    })
    let text = ''
    child.stdout.on('data', (data) => {
      text += data
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    return { child, ended, text: () => text }
  }

  it('fullon run shows the live table, writes the log to a file, and Ctrl-C ends it', {
    timeout: 180_000,
  }, async () => {
    await world.fullon('symbol', 'add', 'binance', 'BTC/USDT', '--backtest', '0')
    const { child, ended, text } = onTerminal('run')
    await expect
      .poll(text, { timeout: 150_000 })
      .toMatch(/series +kind +doing[\s\S]*binance BTC\/USDT +candles +.*live/)
    child.stdin.write('\u0003')
    expect(await ended).toBe(0)
    expect(text()).toMatch(/the log is the newest of .*fullon\.\*\.log/)
    expect(text()).not.toMatch(/"level":/)
  })

  it('fullon candles draws as many as fit beside the scale', { timeout: 180_000 }, async () => {
    await using ohlcv = await openOhlcv({ url: world.env.DATABASE_URL! })
    const since = Date.UTC(2024, 0, 8)
    const prices = { open: 1, high: 3, low: 1, close: 2, volume: 1 }
    const rows = Array.from({ length: 120 }, (_, index) => ({ timestamp: since + index * 60_000, ...prices }))
    const covered = { since, until: since + 120 * 60_000 }
    await new CandleRepository(ohlcv, 'binance', 'OLD/USDT', '1m').saveCandles({ rows, covered })
    const { ended, text } = onTerminal('candles binance OLD/USDT 1m --last 120 --format chart', { NO_COLOR: '1' })
    expect(await ended).toBe(0)
    const widths = text()
      .split('\r\n')
      .map(({ length }) => length)
    expect(Math.max(...widths)).toBeGreaterThan(80)
    expect(Math.max(...widths)).toBeLessThanOrEqual(100)
  })

  it('fullon run says on the terminal why it cannot start', { timeout: 180_000 }, async () => {
    const { ended, text } = onTerminal('run', {
      DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/none',
      STARTUP_WAIT_MS: '0',
    })
    expect(await ended).toBe(1)
    expect(text()).toMatch(/127\.0\.0\.1:1/)
    expect(text()).not.toContain('secret')
  })

  it('colours, unless NO_COLOR is set', { timeout: 180_000 }, async () => {
    const [coloured, plain] = [onTerminal('doctor'), onTerminal('doctor', { NO_COLOR: '1' })]
    await Promise.all([coloured.ended, plain.ended])
    expect(coloured.text()).toContain('\u001b[32mok ')
    expect(plain.text()).toMatch(/ok {6}Node/)
    expect(plain.text()).not.toContain('\u001b[')
  })
})
