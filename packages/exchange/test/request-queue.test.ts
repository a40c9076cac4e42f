import { describe, expect, it } from 'vitest'
import type { Budget } from '../src/budget.js'
import { ExchangeError } from '../src/errors.js'
import { RequestQueue } from '../src/request-queue.js'
import { createEventClock, type EventClock } from './event-clock.js'

const MINUTE_MS = 60_000
const BUDGET: Budget = { weight: 60, windowMs: MINUTE_MS, burst: 1 }

interface Sent {
  readonly name: string
  /** When it arrived: any time until it is answered. */
  readonly at: number
  readonly cost: number
}

function setUp(budget: Budget = BUDGET, answerMs = 0) {
  const clock: EventClock = createEventClock()
  const queue = new RequestQueue({ exchange: 'kraken', clock, random: () => 0.5, budget })
  const sent: Sent[] = []
  const send = (name: string, request: Parameters<RequestQueue['run']>[1] = {}) =>
    queue.run(async () => {
      const underWayMs = sent.length % 2 === 0 ? answerMs : 0
      sent.push({ name, at: clock.now() + underWayMs, cost: request?.cost ?? 1 })
      await clock.sleep(answerMs)
      return name
    }, request)
  return { clock, queue, sent, send }
}

/** The most that any window of that length holds. */
function heaviest(sent: readonly Sent[], windowMs: number): number {
  const byArrival = sent.toSorted((a, b) => a.at - b.at)
  let most = 0
  let sum = 0
  let oldest = 0
  for (const { at, cost } of byArrival) {
    sum += cost
    for (let first = byArrival[oldest]!; first.at <= at - windowMs; first = byArrival[oldest]!) {
      sum -= first.cost
      oldest++
    }
    most = Math.max(most, sum)
  }
  return most
}

describe('a budget', () => {
  it.for([
    ['one a second', { weight: 60, windowMs: MINUTE_MS, burst: 1 }, 1.2, 300],
    ['ten a second', { weight: 600, windowMs: MINUTE_MS, burst: 5 }, 1, 150],
    ['weights of a minute', { weight: 1200, windowMs: MINUTE_MS, burst: 20 }, 0.8, 400],
    ['one request worth more than is saved up', { weight: 600, windowMs: MINUTE_MS, burst: 10 }, 20, 500],
  ] as const)(
    'of %s is never exceeded in any window, and a backfill uses 95 % of it',
    async ([, budget, cost, answerMs]) => {
      const { clock, sent, send } = setUp(budget, answerMs)
      const minutes = 10
      const count = Math.ceil((minutes * budget.weight) / cost)
      const done = Promise.all(Array.from({ length: count }, (_, index) => send(String(index), { cost })))
      await clock.runUntil(minutes * MINUTE_MS)
      expect(heaviest(sent, budget.windowMs)).toBeLessThanOrEqual(budget.weight + 1e-6)
      const used = sent.reduce((sum, one) => sum + (one.at < minutes * MINUTE_MS ? one.cost : 0), 0)
      expect(used / (minutes * budget.weight)).toBeGreaterThanOrEqual(0.95)
      await clock.runUntil(20 * MINUTE_MS)
      await done
    },
  )

  it('sends no more at once than may be saved up, after however long a rest', async () => {
    const { clock, sent, send } = setUp({ weight: 60, windowMs: MINUTE_MS, burst: 3 })
    await clock.runUntil(10 * MINUTE_MS)
    for (let index = 0; index < 10; index++) void send(String(index))
    await clock.runUntil(10 * MINUTE_MS)
    expect(sent).toHaveLength(3)
  })

  it('is divided among processes: a share is all that this one uses', async () => {
    const { clock, queue, sent, send } = setUp()
    queue.setShare(0.25)
    for (let index = 0; index < 100; index++) void send(String(index)).catch(() => {})
    await clock.runUntil(4 * MINUTE_MS)
    expect(heaviest(sent, MINUTE_MS)).toBeLessThanOrEqual(15)
    expect(sent.length).toBeGreaterThanOrEqual(57)
    queue.close(new ExchangeError('CLOSED', 'closed'))
  })

  it('goes on when the clock of this machine is set back by a day', async () => {
    const { clock, sent, send } = setUp({ weight: 10, windowMs: MINUTE_MS, burst: 10 })
    for (let index = 0; index < 10; index++) void send(String(index))
    await clock.runUntil(1_000)
    clock.setBack(24 * 60 * MINUTE_MS)
    void send('after')
    await clock.runUntil(clock.now() + 2 * MINUTE_MS)
    expect(sent.at(-1)?.name).toBe('after')
  })
})

describe('who waits', () => {
  it('is served by priority, and inside one by symbol in turn, so that one backfill holds up nobody', async () => {
    const { clock, sent, send } = setUp()
    void send('first')
    for (const name of ['btc1', 'btc2', 'btc3']) void send(name, { key: 'BTC/USD', priority: 'low' })
    for (const name of ['eth1', 'eth2']) void send(name, { key: 'ETH/USD', priority: 'low' })
    void send('now', { key: 'BTC/USD', priority: 'urgent' })
    void send('some time', { key: 'BTC/USD', priority: 'bulk' })
    await clock.runUntil(MINUTE_MS)
    expect(sent.map(({ name }) => name)).toEqual(['first', 'now', 'btc1', 'eth1', 'btc2', 'eth2', 'btc3', 'some time'])
  })

  it('may leave, and is told of a close', async () => {
    const { clock, queue, sent, send } = setUp()
    const leave = new AbortController()
    void send('first')
    const left = send('left', { signal: leave.signal })
    const closed = send('closed')
    leave.abort(new Error('not needed any more'))
    await expect(left).rejects.toThrow('not needed any more')
    queue.close(new ExchangeError('CLOSED', 'closed'))
    await expect(closed).rejects.toMatchObject({ code: 'CLOSED' })
    await clock.runUntil(MINUTE_MS)
    expect(sent).toHaveLength(1)
    expect(clock.sleeping).toBe(0)
  })

  it('is counted, with the time it took', async () => {
    const { clock, queue, send } = setUp()
    for (const name of ['a', 'b', 'c']) void send(name)
    expect(queue.counts).toMatchObject({ requests: 0, waiting: 2 })
    await clock.runUntil(MINUTE_MS)
    expect(queue.counts).toEqual({ requests: 3, retries: 0, waiting: 0, waitedMs: 3_000 })
  })
})

describe('a request that failed', () => {
  it.for([
    ['TIMEOUT', 5],
    ['UNAVAILABLE', 5],
    ['BAD_RESPONSE', 5],
    ['SYMBOL_UNKNOWN', 1],
    ['REQUEST_REFUSED', 1],
    ['AUTHENTICATION', 1],
    ['BANNED', 1],
  ] as const)('with %s is sent %i times', async ([code, times]) => {
    const { clock, queue } = setUp()
    let sent = 0
    const failing = queue.run(async () => {
      sent++
      throw new ExchangeError(code, 'failed')
    })
    const outcome = expect(failing).rejects.toMatchObject({ code })
    await clock.runUntil(10 * MINUTE_MS)
    await outcome
    expect(sent).toBe(times)
    expect(queue.counts.retries).toBe(times - 1)
  })

  it('holds up everybody for as long as the exchange asks', async () => {
    const { clock, queue, sent, send } = setUp()
    const failures = [new ExchangeError('RATE_LIMITED', 'too many', { retryAfterMs: 30_000 })]
    const limited = queue.run(async () => {
      const failure = failures.pop()
      if (failure) throw failure
    })
    await clock.runUntil(0)
    void send('other')
    await clock.runUntil(29_999)
    expect(sent).toEqual([])
    await clock.runUntil(MINUTE_MS)
    await limited
    expect(sent.map(({ name }) => name)).toEqual(['other'])
  })

  it('holds nobody up for longer when the clock of this machine is set back meanwhile', async () => {
    const { clock, queue, sent, send } = setUp({ weight: 6_000, windowMs: MINUTE_MS, burst: 10 })
    const limited = queue.run(async () => {
      throw new ExchangeError('RATE_LIMITED', 'too many', { retryAfterMs: 30_000 })
    })
    limited.catch(() => {}) // it goes on asking
    await clock.runUntil(0)
    clock.setBack(24 * 60 * MINUTE_MS)
    void send('other')
    await clock.runUntil(clock.now() + 31_000)
    expect(sent.map(({ name }) => name)).toEqual(['other'])
  })
})

describe('a ban', () => {
  it('refuses everybody at once, then lets one request try, and doubles when that is banned too', async () => {
    const { clock, queue, send } = setUp({ weight: 6_000, windowMs: MINUTE_MS, burst: 10 }, 1_000)
    const ban = () =>
      queue.run(async () => {
        throw new ExchangeError('BANNED', 'banned')
      })
    await expect(ban()).rejects.toMatchObject({ code: 'BANNED' })
    await expect(send('early')).rejects.toMatchObject({ code: 'BANNED', retryAfterMs: 120_000 })
    await clock.runUntil(120_000)
    await expect(ban()).rejects.toMatchObject({ code: 'BANNED' })
    await expect(send('early')).rejects.toMatchObject({ retryAfterMs: 240_000 })
    await clock.runUntil(360_000)
    const sent = [send('probe'), send('second'), send('third')]
    await clock.runUntil(360_500)
    expect(queue.counts.waiting).toBe(2)
    await clock.runUntil(2 * 360_000)
    await expect(Promise.all(sent)).resolves.toEqual(['probe', 'second', 'third'])
  })

  it('counts once, however many requests were under way', async () => {
    const { clock, queue, send } = setUp({ weight: 6_000, windowMs: MINUTE_MS, burst: 10 })
    const ban = () =>
      queue.run(async () => {
        await clock.sleep(100)
        throw new ExchangeError('BANNED', 'banned')
      })
    const all = Promise.allSettled([ban(), ban(), ban(), ban()])
    await clock.runUntil(100)
    await all
    await expect(send('early')).rejects.toMatchObject({ retryAfterMs: 120_000 })
  })

  it('takes no longer when the clock of this machine is set back by a day', async () => {
    const { clock, queue, send } = setUp()
    const banned = queue.run(async () => {
      throw new ExchangeError('BANNED', 'banned', { retryAfterMs: 60_000 })
    })
    await expect(banned).rejects.toMatchObject({ code: 'BANNED' })
    clock.setBack(24 * 60 * MINUTE_MS)
    await expect(send('early')).rejects.toMatchObject({ code: 'BANNED', retryAfterMs: 60_000 })
    await clock.runUntil(clock.now() + MINUTE_MS)
    const probe = send('probe')
    await clock.runUntil(clock.now() + MINUTE_MS)
    await expect(probe).resolves.toBe('probe')
  })
})
