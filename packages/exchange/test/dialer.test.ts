import { describe, expect, it } from 'vitest'
import { Dialer } from '../src/dialer.js'
import { createEventClock } from './event-clock.js'
import { createHandClock } from './hand-clock.js'

const URL = 'wss://exchange'

function setUp(random = 1) {
  const clock = createHandClock(0)
  const dialer = new Dialer({ clock, random: () => random })
  /** Dials when it is due, holds for a while, is lost; how long the next one has to wait. */
  const lose = (heldMs?: number) => {
    clock.moveTo(clock.now() + dialer.delayMs(URL))
    if (heldMs !== undefined) dialer.onConnected(URL)
    clock.moveTo(clock.now() + (heldMs ?? 0))
    dialer.onLost(URL)
    return dialer.delayMs(URL)
  }
  return { dialer, lose }
}

describe('an endpoint that is lost', () => {
  it('is left alone twice as long each time, up to a minute, however it was lost', () => {
    const { lose } = setUp()
    const delays = [lose(10_000), lose(), lose(59_999), lose(), lose(), lose(), lose(5)]
    expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  it('is dialled quickly again only after a run that was stable for a minute', () => {
    const { lose } = setUp()
    for (let times = 0; times < 5; times++) lose(59_000)
    expect(lose(59_999)).toBe(60_000)
    expect(lose(60_000)).toBe(1_000)
    expect(lose(1)).toBe(2_000)
  })

  it('is dialled at any time up to that, so that many clients do not come back together', () => {
    for (const random of [0, 0.25, 0.999]) {
      const { lose } = setUp(random)
      expect(lose()).toBe(random * 2_000)
      expect(lose()).toBe(random * 4_000)
    }
  })

  it('makes no other endpoint wait', () => {
    const { dialer, lose } = setUp()
    lose()
    expect(dialer.delayMs('wss://other')).toBe(0)
  })

  it('waits no longer because the clock is set back by an hour', () => {
    const clock = createEventClock()
    const dialer = new Dialer({ clock, random: () => 1 })
    dialer.onLost(URL)
    clock.setBack(3_600_000)
    expect(dialer.delayMs(URL)).toBe(2_000)
  })
})
