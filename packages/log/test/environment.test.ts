import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../src/environment.js'

describe('readEnvironment', () => {
  it.each([
    ['debug', 'debug'],
    ['Info', 'info'],
    ['WARNING', 'warn'],
    ['warn', 'warn'],
    ['ERROR', 'error'],
    ['CRITICAL', 'fatal'],
    ['fatal', 'fatal'],
    ['', 'info'],
    [undefined, 'info'],
  ])('LOG_LEVEL %s means %s', (LOG_LEVEL, level) => {
    expect(readEnvironment({ LOG_LEVEL }).level).toBe(level)
  })

  it.each(['json', 'TRADING', 'Beautiful', 'minimal', 'development', 'detailed'])(
    'takes LOG_FORMAT %s',
    (LOG_FORMAT) => {
      expect(readEnvironment({ LOG_FORMAT }).format).toBe(LOG_FORMAT.toLowerCase())
    },
  )

  it('takes fullon’s environment as it is', () => {
    const env = {
      LOG_LEVELS: 'fullon.exchange=DEBUG, fullon.ohlcv=warning,',
      LOG_CONSOLE: 'false',
      LOG_COLORS: 'True',
      LOG_FILE_PATH: '/var/log/fullon.log',
      LOG_ROTATION: '100 MB',
      LOG_RETENTION: '7 days',
    }
    expect(readEnvironment(env)).toEqual({
      level: 'info',
      levels: new Map([
        ['fullon.exchange', 'debug'],
        ['fullon.ohlcv', 'warn'],
      ]),
      console: false,
      colors: true,
      filePath: '/var/log/fullon.log',
      rotation: { maxBytes: 100e6 },
      retention: { maxAgeMs: 7 * 86_400_000 },
    })
    const empty = Object.fromEntries(Object.keys(env).map((name) => [name, '']))
    expect(readEnvironment(empty)).toEqual({ level: 'info', levels: new Map(), console: true })
  })

  it.each([
    ['0.5 GB', { maxBytes: 5e8 }],
    ['64KiB', { maxBytes: 65_536 }],
    ['1 day', { maxAgeMs: 86_400_000 }],
    ['12h', { maxAgeMs: 43_200_000 }],
    ['2 weeks', { maxAgeMs: 14 * 86_400_000 }],
    ['24 days', { maxAgeMs: 24 * 86_400_000 }],
    ['00:00', { maxAgeMs: 86_400_000 }],
  ])('LOG_ROTATION %s', (LOG_ROTATION, rotation) =>
    expect(readEnvironment({ LOG_ROTATION }).rotation).toEqual(rotation),
  )

  it.each([
    ['1 month', { maxAgeMs: 30 * 86_400_000 }],
    ['10', { maxFiles: 10 }],
  ])('LOG_RETENTION %s', (LOG_RETENTION, retention) =>
    expect(readEnvironment({ LOG_RETENTION }).retention).toEqual(retention),
  )

  it('refuses what it does not know, with what it accepts', () => {
    expect(() => readEnvironment({ LOG_LEVEL: 'verbose' })).toThrow(
      new RangeError('LOG_LEVEL: expected one of debug info warning warn error critical fatal silent, got "verbose"'),
    )
    expect(() => readEnvironment({ LOG_LEVEL: 'toString' })).toThrow(RangeError)
    expect(() => readEnvironment({ LOG_FORMAT: 'xml' })).toThrow(
      new RangeError('LOG_FORMAT: expected one of beautiful minimal development detailed trading json, got "xml"'),
    )
    const refuse = (env: Record<string, string>) => expect(() => readEnvironment(env))
    refuse({ LOG_LEVELS: 'fullon.exchange' }).toThrow(
      new RangeError('LOG_LEVELS: expected component=level, separated by commas, got "fullon.exchange"'),
    )
    refuse({ LOG_LEVELS: '=debug' }).toThrow(RangeError)
    refuse({ LOG_LEVELS: 'a=loud' }).toThrow('LOG_LEVELS: expected one of debug')
    refuse({ LOG_COLORS: 'red' }).toThrow(new RangeError('LOG_COLORS: expected true or false, got "red"'))
    const noSizeOrAge = ['100', '0 MB', '5 parsecs', 'constructor', '1 constructor']
    const noTimer = ['18:30', '24:00', '25 days', '1 month', '0.5 s'] // pino-roll cannot do these
    for (const LOG_ROTATION of [...noSizeOrAge, ...noTimer]) {
      refuse({ LOG_ROTATION }).toThrow(
        new RangeError(
          'LOG_ROTATION: expected a size such as 100 MB, an age from 1 second to 24 days such as 1 day, ' +
            `or midnight as 00:00, got ${JSON.stringify(LOG_ROTATION)}`,
        ),
      )
    }
    for (const LOG_RETENTION of ['100 MB', '-1', 'for ever']) {
      refuse({ LOG_RETENTION }).toThrow(
        'LOG_RETENTION: expected an age such as 7 days or a number of files such as 10, got',
      )
    }
  })
})
