import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Clock } from '@fullon/market'
import { expect, it } from 'vitest'
import {
  type ExchangeReport,
  HEALTHY_LAG_MS,
  type MonitorSources,
  monitorAddressFrom,
  type SeriesReport,
  serveMonitor,
  toProcesses,
} from '../src/index.js'

const NOW = Date.UTC(2026, 0, 5)
const clock: Clock = { now: () => NOW, sleep: () => Promise.reject(new Error('nothing here sleeps')) }

function report(rest: Partial<SeriesReport> = {}): SeriesReport {
  const counts = { gaps: 2, rows: 30, corrected: 4, deleted: 5, saves: 6, saveMs: 7_500 }
  return { exchange: 'kraken', symbol: 'BTC/USD', kind: 'candles', state: 'filling', ...counts, ...rest }
}

const late = (lateMs: number, rest: Partial<SeriesReport> = {}) => report({ freshAt: NOW - lateMs, ...rest })

async function ask(sources: Partial<MonitorSources>, path: string) {
  const all = { series: () => [], exchanges: () => [], problem: async () => undefined, clock, ...sources }
  await using monitor = await serveMonitor(all, { port: 0 })
  const answer = await fetch(`${monitor.url}${path}`)
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

it('is live and ready, or says what is missing', async () => {
  expect(await ask({}, '/live')).toMatchObject({ status: 200 })
  expect(await ask({}, '/ready')).toMatchObject({ status: 200, text: 'ready\n' })
  const problem = async () => 'the configuration has not been read'
  expect(await ask({ problem }, '/ready')).toMatchObject({ status: 503, text: 'the configuration has not been read\n' })
  expect(await ask({ problem }, '/live')).toMatchObject({ status: 200 })
  expect(await ask({}, '/nowhere')).toMatchObject({ status: 404 })
})

it('wakes a person for a series that has fallen behind, and names it', async () => {
  const symbol = 'ETH/USD'
  const { status, text } = await ask({ series: () => [report(), late(HEALTHY_LAG_MS + 1, { symbol })] }, '/health')
  expect(status).toBe(503)
  expect(JSON.parse(text)).toMatchObject({ healthy: false, late: [{ symbol, lagMs: HEALTHY_LAG_MS + 1 }] })
})

it('wakes a person for a series that never got anything but an error', async () => {
  const series = () => [report({ startedAt: NOW - HEALTHY_LAG_MS - 1, error: 'banned' })]
  expect(await ask({ series }, '/health')).toMatchObject({ status: 503, text: expect.stringContaining('banned') })
})

it('keeps the test environment of an exchange apart from it', async () => {
  const series = [report({ rows: 1 }), report({ sandbox: true, rows: 2 })]
  const { text } = await ask({ series: () => series }, '/metrics')
  expect(text).toContain('fullon_series_rows_total{exchange="kraken",symbol="BTC/USD",kind="candles"} 1\n')
  expect(text).toContain('fullon_series_rows_total{exchange="kraken@sandbox",symbol="BTC/USD",kind="candles"} 2\n')
  expect(toProcesses(series, NOW).map(({ component }) => component)).toEqual([
    'ohlcv:daemon',
    'ohlcv:kraken:BTC/USD',
    'ohlcv:kraken@sandbox:BTC/USD',
  ])
})

it('is not ready while what it looks at does not answer, and looks once for all who ask', async () => {
  let looks = 0
  const problem = () => {
    looks++
    return new Promise<undefined>(() => {})
  }
  const all = { series: () => [], exchanges: () => [], problem, clock }
  await using monitor = await serveMonitor(all, { port: 0 })
  const answers = await Promise.all([1, 2].map(() => fetch(`${monitor.url}/ready`)))
  expect(answers.map(({ status }) => status)).toEqual([503, 503])
  expect(await answers[0]?.text()).toMatch(/no answer within 3 s/)
  expect(looks).toBe(1)
})

it.each<[string, readonly SeriesReport[]]>([
  ['standing by', []],
  ['in its first backfill', [report()]],
  ['late for a moment', [late(HEALTHY_LAG_MS)]],
  ['live, whenever that began', [late(2 * HEALTHY_LAG_MS, { liveSince: NOW - 3 * HEALTHY_LAG_MS })]],
  ['in a first backfill that had an error', [late(0, { startedAt: 0, error: 'no answer' })]],
  ['one that has brought nothing yet', [report({ startedAt: NOW - HEALTHY_LAG_MS, error: 'no answer' })]],
  ['delisted', [late(2 * HEALTHY_LAG_MS, { unavailable: 'not listed any more' })]],
  ['stopped', [late(2 * HEALTHY_LAG_MS, { state: 'stopped' })]],
])('lets a person sleep while it is %s', async (_, series) => {
  expect(await ask({ series: () => series }, '/health')).toMatchObject({
    status: 200,
    text: JSON.stringify({ healthy: true, late: [] }),
  })
})

it('shows every series as it is, with its lag', async () => {
  const { text } = await ask({ series: () => [report(), late(1_000, { error: 'no answer' })] }, '/status')
  expect(JSON.parse(text)).toEqual([
    { ...report(), lagMs: 0 },
    { ...late(1_000), error: 'no answer', lagMs: 1_000 },
  ])
})

it('counts for Prometheus: its series, its exchanges and the process', async () => {
  const series = [late(1_500), report({ symbol: 'ETH/USD', kind: 'trades', liveSince: NOW })]
  const counts = { requests: 12, waiting: 3, rowsRefused: 1 }
  const exchanges: ExchangeReport[] = [
    { exchange: 'kraken', counts },
    { exchange: 'kraken', counts: { ...counts, waiting: 4 } }, // its sandbox
    { exchange: 'okx', counts },
  ]
  const { type, text } = await ask({ series: () => series, exchanges: () => exchanges }, '/metrics')
  expect(type).toContain('text/plain; version=0.0.4')
  const values = new Map(text.split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1)]))
  const btc = '{exchange="kraken",symbol="BTC/USD",kind="candles"}'
  const eth = '{exchange="kraken",symbol="ETH/USD",kind="trades"}'
  const shown = { lag_seconds: 1.5, live: 0, gaps: 2, rows_total: 30, corrected_total: 4, deleted_total: 5 }
  for (const [name, value] of Object.entries({ ...shown, saves_total: 6, save_seconds_total: 7.5 }))
    expect([name, values.get(`fullon_series_${name}${btc}`)]).toEqual([name, String(value)])
  expect(values.get(`fullon_series_live${eth}`)).toBe('1')
  expect(values.get('fullon_exchange_requests_total{exchange="kraken"}')).toBe('24')
  expect(values.get('fullon_exchange_waiting{exchange="kraken"}')).toBe('7')
  expect(values.get('fullon_exchange_rows_refused_total{exchange="okx"}')).toBe('1')
  expect(text).toMatch(/^# TYPE fullon_series_rows_total counter$/m)
  expect(text).toMatch(/^# TYPE fullon_exchange_waiting gauge$/m)
  expect(Number(values.get('fullon_process_resident_memory_bytes'))).toBeGreaterThan(0)
})

it('frees its port when it is closed, with an answer under way, and can be closed twice', async () => {
  let onAsked = () => {}
  const asked = new Promise<void>((resolve) => {
    onAsked = resolve
  })
  const problem = () => {
    onAsked()
    return new Promise<undefined>(() => {}) // a database that hangs
  }
  const monitor = await serveMonitor({ series: () => [], exchanges: () => [], problem, clock }, { port: 0 })
  const cut = expect(fetch(`${monitor.url}/ready`)).rejects.toThrow()
  await asked
  await monitor[Symbol.asyncDispose]()
  await cut
  await monitor[Symbol.asyncDispose]()
  await expect(fetch(`${monitor.url}/live`)).rejects.toThrow()
})

it('says at the start that its address is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const sources = { series: () => [], exchanges: () => [], problem: async () => undefined, clock }
  await expect(serveMonitor(sources, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  taken.close()
})

it('answers on this machine only, unless HTTP_HOST says otherwise', () => {
  expect(monitorAddressFrom({})).toEqual({ host: undefined, port: 8080 })
  expect(monitorAddressFrom({ HTTP_HOST: '::', HTTP_PORT: '0' })).toEqual({ host: '::', port: 0 })
  expect(() => monitorAddressFrom({ HTTP_PORT: '65536' })).toThrow(/HTTP_PORT: expected a whole number from 0 to 65535/)
})

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

it.skipIf(!hasIpv6)('names an address that people can open', async () => {
  const sources = { series: () => [], exchanges: () => [], problem: async () => undefined, clock }
  await using monitor = await serveMonitor(sources, { host: '::1', port: 0 })
  expect(monitor.url).toMatch(/^http:\/\/\[::1\]:\d+$/)
  expect((await fetch(`${monitor.url}/live`)).status).toBe(200)
})

it("shows fullon's monitors the daemon and each series", () => {
  const error = 'no answer'
  expect(toProcesses([], NOW)).toEqual([
    { type: 'ohlcv', component: 'ohlcv:daemon', status: 'running', message: 'standing by', params: { series: 0 } },
  ])
  const series = [
    report({ state: 'idle', liveSince: NOW, lastTimestamp: NOW - 60_000 }),
    late(1_500, { kind: 'trades', state: 'cooling', error }),
  ]
  const numbers = { gaps: 2, rows: 30, corrected: 4, deleted: 5 }
  expect(toProcesses(series, NOW)).toEqual([
    expect.objectContaining({ message: 'collecting', params: { series: 2 } }),
    {
      type: 'ohlcv',
      component: 'ohlcv:kraken:BTC/USD',
      status: 'running',
      message: 'idle, live',
      params: { ...numbers, lastTimestamp: NOW - 60_000, lagMs: 0, error: null },
    },
    {
      type: 'ohlcv',
      component: 'ohlcv:kraken:BTC/USD:trades',
      status: 'error',
      message: error,
      params: { ...numbers, lastTimestamp: null, lagMs: 1_500, error },
    },
  ])
})
