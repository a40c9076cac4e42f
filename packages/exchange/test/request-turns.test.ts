import { describe, expect, it } from 'vitest'
import { RequestTurns } from '../src/request-turns.js'
import { createEventClock } from './event-clock.js'

const INTERVAL_MS = 250

function setUp({ dialDelayMs = () => 0 }: { dialDelayMs?: () => number } = {}) {
  const clock = createEventClock()
  const closing = new AbortController()
  const turns = new RequestTurns({ clock, intervalMs: INTERVAL_MS, dialDelayMs, signal: closing.signal })
  const sent: [name: string, at: number][] = []
  const ask = (name: string, { first = false, isLeft = false, url = 'wss://exchange' } = {}) =>
    turns.run(url, () => sent.push([name, clock.now()]), { isOver: () => isLeft, first })
  return { clock, closing, sent, ask }
}

describe('requests to one url', () => {
  it('go out in the order they were asked for, an interval apart, and at once where none went lately', async () => {
    const { clock, sent, ask } = setUp()
    for (const name of ['a', 'b', 'c']) ask(name)
    ask('elsewhere', { url: 'wss://other' })
    await clock.runUntil(10_000)
    ask('d')
    await clock.runUntil(20_000)
    expect(sent).toEqual([
      ['a', 0],
      ['elsewhere', 0],
      ['b', 250],
      ['c', 500],
      ['d', 10_000],
    ])
  })

  it('cost no time where whoever asked has left', async () => {
    const { clock, sent, ask } = setUp()
    for (let index = 0; index < 100; index++) ask('left', { isLeft: true })
    ask('stays')
    await clock.runUntil(10_000)
    expect(sent.at(-1)).toEqual(['stays', 0])
  })

  it('let a cancellation pass', async () => {
    const { clock, sent, ask } = setUp()
    for (const name of ['a', 'b']) ask(name)
    ask('cancel', { first: true })
    await clock.runUntil(10_000)
    expect(sent.map(([name]) => name)).toEqual(['a', 'cancel', 'b'])
  })

  it('wait no longer because the clock is set back by an hour', async () => {
    const { clock, sent, ask } = setUp()
    for (const name of ['a', 'b', 'c']) ask(name)
    await clock.runUntil(300)
    clock.setBack(3_600_000)
    ask('d')
    await clock.runUntil(-3_590_000)
    expect(sent.map(([name, at]) => [name, at < 0 ? at + 3_600_000 : at])).toEqual([
      ['a', 0],
      ['b', 250],
      ['c', 500],
      ['d', 750],
    ])
  })

  it('wait until the url may be dialled, however often that is put off', async () => {
    let dialAt = 1_000
    const { clock, sent, ask } = setUp({ dialDelayMs: () => dialAt - clock.now() })
    ask('a')
    await clock.runUntil(900)
    dialAt = 5_000
    await clock.runUntil(10_000)
    expect(sent).toEqual([['a', 5_000]])
  })

  it('fail with what the call throws, and all that wait with the reason of the end', async () => {
    const { clock, closing, ask } = setUp()
    const asked = ['a', 'b', 'c'].map((name) => ask(name).catch((error) => error))
    await clock.runUntil(300)
    const end = new Error('end')
    closing.abort(end)
    expect(await Promise.all(asked)).toEqual([1, 2, end])
    const turns = new RequestTurns({ clock, intervalMs: 1, dialDelayMs: () => 0, signal: new AbortController().signal })
    const failing = turns.run('wss://exchange', () => Promise.reject(end), { isOver: () => false })
    await expect(failing).rejects.toBe(end)
  })
})
