import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { configureLogger, getComponentLogger } from '../src/index.js'

let lines: Record<string, unknown>[]
const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }

beforeEach(() => {
  vi.stubEnv('LOG_LEVEL', '')
  vi.stubEnv('LOG_FORMAT', '')
  lines = []
  configureLogger({ destination })
})

afterEach(() => {
  vi.unstubAllEnvs()
  configureLogger()
})

describe('getComponentLogger', () => {
  it('says in every line which component wrote it, with its bindings', () => {
    const log = getComponentLogger('fullon.ohlcv.daemon', { exchange: 'kraken' })
    log.info({ series: 12 }, 'started')
    log.child({ attempt: 2 }).warn('retrying')
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        component: 'fullon.ohlcv.daemon',
        exchange: 'kraken',
        series: 12,
        msg: 'started',
      }),
      expect.objectContaining({ level: 'warn', component: 'fullon.ohlcv.daemon', exchange: 'kraken', attempt: 2 }),
    ])
  })

  it('keeps the whole chain of causes of an error', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    getComponentLogger('a').error({ err: new Error('no database', { cause }) }, 'cannot start')
    expect(lines[0]).toMatchObject({
      err: {
        type: 'Error',
        message: 'no database',
        stack: expect.stringContaining('no database'),
        cause: { message: 'refused', code: 'ECONNREFUSED', stack: expect.any(String) },
      },
    })
  })

  it('takes LOG_LEVEL by fullon’s names', () => {
    vi.stubEnv('LOG_LEVEL', 'CRITICAL')
    configureLogger({ destination })
    const log = getComponentLogger('a')
    log.error('not written')
    log.fatal('written')
    expect(lines.map(({ msg, level }) => [msg, level])).toEqual([['written', 'fatal']])
  })
})

describe('configureLogger', () => {
  it('reaches loggers that were made before, so that a demo can silence what is running', () => {
    const log = getComponentLogger('a')
    const child = log.child({ attempt: 1 })
    log.debug('1')
    configureLogger({ destination, level: 'debug' })
    log.debug('2')
    child.debug('3')
    configureLogger({ destination, level: 'silent' })
    log.fatal('4')
    child.fatal('5')
    expect(lines.map(({ msg }) => msg)).toEqual(['2', '3'])
  })

  it('appends JSON lines to a file, whose folder it makes, and lets go of it when told of another', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fullon-log-'))
    try {
      const path = join(folder, 'logs', 'demo.log')
      const log = getComponentLogger('a')
      configureLogger({ destination: path })
      log.info('1')
      configureLogger({ destination })
      log.info('2')
      configureLogger({ destination: path })
      log.info('3')
      const written = (await readFile(path, 'utf8')).trimEnd().split('\n')
      expect(written.map((line) => JSON.parse(line).msg)).toEqual(['1', '3'])
      expect(lines.map(({ msg }) => msg)).toEqual(['2'])
    } finally {
      configureLogger({ destination })
      await rm(folder, { recursive: true })
    }
  })

  it('refuses a level nobody knows with the list of those it knows, and changes nothing', () => {
    const log = getComponentLogger('a')
    expect(() => configureLogger({ destination: { write() {} }, level: 'loud' as 'info' })).toThrow(
      'configureLogger level: expected one of debug info warning warn error critical fatal silent, got "loud"',
    )
    log.info('still here')
    expect(lines).toHaveLength(1)
  })

  it('changes nothing when a file cannot be opened, with rotation or without', () => {
    const log = getComponentLogger('a')
    for (const rotation of [undefined, '100 MB', '1 day']) {
      const options = { filePath: `${process.execPath}/logs/service.log`, ...(rotation && { rotation }) }
      expect(() => configureLogger({ console: false, level: 'silent', ...options })).toThrow(/^E(EXIST|NOTDIR)/)
    }
    log.info('still here')
    expect(lines.map(({ msg }) => msg)).toEqual(['still here'])
  })

  it('gives each component the level of the nearest name, and takes it back', () => {
    vi.stubEnv('LOG_LEVELS', 'fullon=error,fullon.exchange=debug')
    const early = getComponentLogger('fullon.exchange.kraken', { early: true })
    configureLogger({ destination })
    for (const log of [early, getComponentLogger('fullon.exchange'), getComponentLogger('fullon.ohlcv')]) {
      log.child({}).debug('debug')
      log.error('error')
    }
    getComponentLogger('other').debug('debug')
    getComponentLogger('other').info('info')
    getComponentLogger('fullonly').info('info') // not below `fullon`
    expect(lines.map(({ component, msg }) => `${component} ${msg}`)).toEqual([
      'fullon.exchange.kraken debug',
      'fullon.exchange.kraken error',
      'fullon.exchange debug',
      'fullon.exchange error',
      'fullon.ohlcv error',
      'other info',
      'fullonly info',
    ])
    lines = []
    configureLogger({ destination, levels: {}, level: 'warn' })
    early.info('info')
    early.warn('warn')
    expect(lines.map(({ msg }) => msg)).toEqual(['warn'])
  })

  it('refuses options nobody knows with what it knows', () => {
    const refuse = (options: object) => expect(() => configureLogger({ destination, ...options }))
    refuse({ levels: { a: 'loud' } }).toThrow('configureLogger levels: expected one of debug')
    refuse({ format: 'xml' }).toThrow('configureLogger format: expected one of beautiful')
    refuse({ rotation: 'often' }).toThrow('configureLogger rotation: expected a size')
    refuse({ retention: 'long' }).toThrow('configureLogger retention: expected an age')
  })
})

describe('secrets', () => {
  it.each([
    ['by any name, at the top', { password: 'hunter2', apiKey: 'hunter2', EX_ID_1_SECRET: 'hunter2', f2a: 'hunter2' }],
    ['in objects and arrays, as deep as they are', { a: [{ b: { c: { Authorization: 'Bearer hunter2' } } }] }],
    ['whatever its type', { request: { token: { value: 'hunter2' }, cookie: ['hunter2'] } }],
    ['in objects that serialize themselves', { request: { toJSON: () => ({ api_key: 'hunter2' }) } }],
    ['in the fields of an error and its causes', { err: error({ secret: 'hunter2' }) }],
    ['in URLs', { url: 'postgres://fullon:hunter2@localhost/fullon', err: error({ at: 'redis://:hunter2@a' }) }],
  ])('are not written %s', (_where, fields) => {
    const log = getComponentLogger('a')
    log.info(fields, 'sent')
    log.child(fields).child({ other: 1 }).info('sent')
    expect(lines).toHaveLength(2)
    expect(JSON.stringify(lines)).not.toContain('hunter2')
    expect(JSON.stringify(lines)).toContain('[redacted]')
    expect(lines[1]).toMatchObject({ component: 'a', other: 1, msg: 'sent' })
  })

  it('are not written in a message either, where they stand in a URL', () => {
    getComponentLogger('a').info('connected to wss://me:hunter2@host/path?x=1')
    expect(lines[0]).toMatchObject({ msg: 'connected to wss://me:[redacted]@host/path?x=1' })
  })

  it('do not take what only looks like them along', () => {
    const fields = { tokens: 5, secretary: 'Ada', key: 'BTC/USD', nested: { monkey: 'x', at: 'https://host:443/a@b' } }
    getComponentLogger('a').info(fields, 'kept')
    expect(lines[0]).toMatchObject(fields)
  })
})

function error(fields: object): Error {
  return Object.assign(new Error('outer', { cause: Object.assign(new Error('inner'), fields) }), fields)
}
