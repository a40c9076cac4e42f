import type { Clock } from '@fullon/market'

/** Stands still until the test moves it. */
export class ManualClock implements Clock {
  #now: number

  constructor(now: number = Date.parse('2024-01-01T00:00:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }

  async sleep(): Promise<void> {
    throw new Error('nothing in this package sleeps')
  }
}
