import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { CcxtExchange } from '../src/load-ccxt.js'
import { Markets } from '../src/markets.js'
import { withDeadline } from '../src/with-deadline.js'
import { createEventClock } from './event-clock.js'

const HOUR_MS = 3_600_000

function setUp() {
  const clock = createEventClock()
  const listed: Record<string, { symbol: string }> = { 'BTC/USD': { symbol: 'BTC/USD' } }
  let loads = 0
  const ccxt = { id: 'kraken' } as { id: string; markets?: typeof listed }
  const load = async () => {
    loads++
    await clock.sleep(1_000)
    ccxt.markets = { ...listed }
  }
  const markets = new Markets({ ccxt: ccxt as unknown as CcxtExchange, clock, load }) // cast: all that it looks at
  return { clock, listed, markets, loads: () => loads }
}

describe('what an exchange lists', () => {
  it('is looked at again for a symbol that was not there, but not for every mistyped one', async () => {
    const { clock, listed, markets, loads } = setUp()
    const found = markets.find('BTC/USD')
    await clock.runUntil(1_000)
    await found
    await expect(markets.find('NEW/USD')).rejects.toMatchObject({ code: 'SYMBOL_UNKNOWN' })
    expect(loads()).toBe(1)
    listed['NEW/USD'] = { symbol: 'NEW/USD' }
    await clock.runUntil(HOUR_MS + 2_000)
    const later = markets.find('NEW/USD')
    await clock.runUntil(HOUR_MS + 3_000)
    await expect(later).resolves.toEqual({ symbol: 'NEW/USD' })
    expect(loads()).toBe(2)
  })
})

describe('a deadline', () => {
  it('leaves no timer and no listener behind a call that came in time', async () => {
    const clock = createEventClock()
    const { signal } = new AbortController()
    const deadline = { subject: 'kraken', clock, signals: [signal], timeoutMs: 5_000 }
    await expect(withDeadline(deadline, async () => 'in time')).resolves.toBe('in time')
    expect(clock.sleeping).toBe(0)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('ends a call with the reason of whoever ended it', async () => {
    const clock = createEventClock()
    const stop = new AbortController()
    const untilAborted = (signal: AbortSignal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const stopped = withDeadline({ subject: 'kraken', clock, signals: [stop.signal] }, untilAborted)
    stop.abort(new Error('shutting down'))
    await expect(stopped).rejects.toThrow('shutting down')
    const late = withDeadline({ subject: 'kraken', clock, signals: [], timeoutMs: 5_000 }, untilAborted)
    const outcome = expect(late).rejects.toMatchObject({ code: 'TIMEOUT', transient: true })
    await clock.runUntil(5_000)
    await outcome
  })
})
