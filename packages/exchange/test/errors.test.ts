import ccxt from 'ccxt'
import { describe, expect, it } from 'vitest'
import { ExchangeError, translateError } from '../src/errors.js'
import { nearestName } from '../src/nearest-name.js'
import { redact, redactError, secretsOf } from '../src/redact.js'

const translate = (...args: Parameters<typeof translateError>) => translateError(...args) as ExchangeError

describe('what ccxt throws', () => {
  it.for([
    ['RateLimitExceeded', undefined, 'RATE_LIMITED', true],
    ['DDoSProtection', 429, 'RATE_LIMITED', true],
    ['DDoSProtection', 418, 'BANNED', true],
    ['ExchangeNotAvailable', 403, 'BANNED', true],
    ['ExchangeNotAvailable', 503, 'UNAVAILABLE', true],
    ['ExchangeNotAvailable', 404, 'REQUEST_REFUSED', false],
    ['OnMaintenance', 200, 'UNAVAILABLE', true],
    ['RequestTimeout', undefined, 'TIMEOUT', true],
    ['NetworkError', undefined, 'UNAVAILABLE', true],
    ['BadSymbol', 400, 'SYMBOL_UNKNOWN', false],
    ['BadRequest', 400, 'REQUEST_REFUSED', false],
    ['ExchangeError', 200, 'REQUEST_REFUSED', false],
    ['AuthenticationError', 401, 'AUTHENTICATION', false],
    ['PermissionDenied', 401, 'AUTHENTICATION', false],
    ['NullResponse', 200, 'BAD_RESPONSE', true],
    ['NotSupported', undefined, 'UNSUPPORTED', false],
  ] as const)('as %s with status %s is %s', ([name, status, code, transient]) => {
    const thrown = new ccxt[name]('kraken says no')
    const error = translate('kraken BTC/USD', thrown, status === undefined ? {} : { status })
    expect(error).toBeInstanceOf(ExchangeError)
    expect(error).toMatchObject({ code, transient, message: expect.stringContaining('kraken says no') })
    expect(error.cause).toMatchObject({ name, stack: expect.stringContaining('errors.test') })
  })

  it('says how long the exchange wants us away, in seconds or as a date by its own clock', () => {
    const limited = new ccxt.RateLimitExceeded('too many')
    const after = (value: string) =>
      translate('kraken', limited, {
        status: 429,
        headers: { 'retry-after': value, date: 'Mon, 05 Jan 2026 00:00:00 GMT' },
      }).retryAfterMs
    expect(after('30')).toBe(30_000)
    expect(after('Mon, 05 Jan 2026 00:02:00 GMT')).toBe(120_000)
    expect(after('soon')).toBeUndefined()
  })

  it('that is its transport’s is an outage, said by the error or by its cause', () => {
    const closed = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
    const outages = [
      closed,
      new TypeError('terminated', { cause: closed }),
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
      Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' }),
    ]
    for (const outage of outages)
      expect(translate('kraken', outage)).toMatchObject({ code: 'UNAVAILABLE', transient: true })
  })

  it('that is not ccxt’s stays what it is: a bug', () => {
    const bug = new RangeError('ours')
    expect(translateError('kraken', bug)).toBe(bug)
  })
})

describe('credentials', () => {
  const secrets = secretsOf({ apiKey: 'AKIA-1234', secret: 'c2Vj/cmV0+', password: undefined, uid: '' })

  it('that an exchange was given reach no message, stack or cause', () => {
    const thrown = new ccxt.NetworkError('GET https://x/y?key=AKIA-1234 sign=c2Vj/cmV0+ failed')
    thrown.cause = new Error(`proxy said AKIA-1234 and ${encodeURIComponent('c2Vj/cmV0+')}`)
    const error = translate('kraken', thrown, {}, secrets)
    const cause = error.cause as Error
    const inner = cause.cause as Error
    const said = [error.message, error.stack, cause.message, cause.stack, inner.message, inner.stack].join('\n')
    expect(said).toContain('GET https://x/y')
    expect(said).not.toMatch(/AKIA|c2Vj/)
  })

  it('in URLs are blotted out wherever they come from', () => {
    expect(redact('http://joe:pass@proxy:8080/x?apiKey=abc&signature=def&pair=XBTUSD')).toBe(
      'http://***@proxy:8080/x?apiKey=***&signature=***&pair=XBTUSD',
    )
    expect(redact('{"token":"abc","pair":"XBTUSD"}')).toBe('{"token":"***","pair":"XBTUSD"}')
    expect(redactError(new Error('ws://joe:pass@host/')).message).toBe('ws://***@host/')
  })
})

describe('the nearest name', () => {
  it.for([
    ['krakn', ['kraken', 'krakenfutures', 'bitmex'], 'kraken'],
    ['BTC/USDX', ['ETH/USD', 'BTC/USD', 'BTC/USDT'], 'BTC/USD'],
    ['btc/usd', ['BTC/USD'], 'BTC/USD'],
    ['zzzzzz', ['kraken'], undefined],
    ['2m', ['1m', '3m'], undefined],
  ] as const)('to %s of %s is %s', ([name, candidates, nearest]) => {
    expect(nearestName(name, candidates)).toBe(nearest)
  })
})
