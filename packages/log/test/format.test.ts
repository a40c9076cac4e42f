import { describe, expect, it } from 'vitest'
import { createFormatter, type LogFormat } from '../src/format.js'

const NOON = new Date(2024, 0, 2, 12, 34, 56, 789).getTime()
const LINE = JSON.stringify({
  level: 'info',
  time: NOON,
  pid: 7,
  hostname: 'host',
  component: 'fullon.ohlcv.daemon',
  exchange: 'kraken',
  symbol: 'BTC/USD',
  rows: 720,
  msg: 'page saved',
})

const show = (format: LogFormat, colors = false) => createFormatter(format, colors)?.(`${LINE}\n`)

describe('a line for people', () => {
  it('beautiful: time, level, component, message and the fields on one line', () => {
    expect(show('beautiful')).toBe(
      '[12:34:56.789] INFO: (fullon.ohlcv.daemon) page saved {"exchange":"kraken","symbol":"BTC/USD","rows":720}\n',
    )
  })

  it('minimal: what happened, and nothing of where and when', () => {
    expect(show('minimal')).toBe('INFO: page saved {"exchange":"kraken","symbol":"BTC/USD","rows":720}\n')
  })

  it('development: a field a line', () => {
    expect(show('development')).toBe(
      `[12:34:56.789] INFO: page saved\n    component: "fullon.ohlcv.daemon"\n    exchange: "kraken"\n    symbol: "BTC/USD"\n    rows: 720\n`,
    )
  })

  it('detailed: all there is, with date and zone', () => {
    expect(show('detailed')).toMatch(/^\[2024-01-02 12:34:56.789 [+-]\d{4}\] INFO \(7 on host\): page saved\n/)
    expect(show('detailed')).toContain('component: "fullon.ohlcv.daemon"')
  })

  it('trading: exchange and symbol before the message, in UTC', () => {
    const utc = new Date(NOON).toISOString().slice(0, -1).replace('T', ' ')
    expect(show('trading')).toBe(`[${utc}] INFO: kraken BTC/USD page saved {"rows":720}\n`)
  })

  it('shows an error with its stack and its causes', () => {
    const err = {
      type: 'Error',
      message: 'outer',
      stack: 'Error: outer\n    at a',
      cause: { message: 'inner', code: 'E' },
    }
    const line = `${JSON.stringify({ level: 'error', time: NOON, component: 'a', err, msg: 'cannot start' })}\n`
    for (const format of ['beautiful', 'minimal', 'development', 'detailed', 'trading'] as const) {
      const text = createFormatter(format, false)?.(line)
      for (const part of ['cannot start', 'Error: outer', 'at a', 'inner']) expect(text).toContain(part)
    }
  })

  it('has colours when they are wanted, and none otherwise', () => {
    const escapeCode = String.fromCharCode(27)
    for (const format of ['beautiful', 'minimal', 'development', 'detailed', 'trading'] as const) {
      expect(show(format, true)).toContain(`${escapeCode}[`)
      expect(show(format, false)).not.toContain(escapeCode)
    }
  })
})

it('json: one object a line, as it is', () => expect(createFormatter('json', true)).toBeUndefined())
