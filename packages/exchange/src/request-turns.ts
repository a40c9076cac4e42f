import type { Clock } from '@fullon/market'

export interface RequestTurnsOptions {
  readonly clock: Clock
  /** Least time between two requests to a url. */
  readonly intervalMs: number
  /** How long a url may not be dialled yet; 0 where its socket is there. */
  readonly dialDelayMs: (url: string) => number
  /** Ends all waiting. */
  readonly signal: AbortSignal
}

export interface TurnOptions {
  /** Whoever has left costs no time. */
  readonly isOver: () => boolean
  /** Before all that waits: a cancellation must not come after the next subscription to the same. */
  readonly first?: boolean
}

interface Turn {
  readonly isOver: () => boolean
  readonly go: () => void
  readonly fail: (error: unknown) => void
}

/**
 * Requests to a url one after another, an interval apart and not before it may be dialled. Only durations are slept,
 * so a clock that is set back delays nothing.
 */
export class RequestTurns {
  readonly #options: RequestTurnsOptions
  readonly #waiting = new Map<string, Turn[]>()

  constructor(options: RequestTurnsOptions) {
    this.#options = options
  }

  /** Calls when it is its turn, also where it is over by then. @throws what the call throws, or the signal's reason */
  run<T>(url: string, call: () => T | Promise<T>, { isOver, first = false }: TurnOptions): Promise<T> {
    return new Promise((resolve, fail) => {
      const go = () => {
        try {
          resolve(call())
        } catch (error) {
          fail(error)
        }
      }
      const turn = { isOver, go, fail }
      const waiting = this.#waiting.get(url)
      if (!waiting) this.#start(url, [turn])
      else if (first) waiting.unshift(turn)
      else waiting.push(turn)
    })
  }

  async #start(url: string, waiting: Turn[]): Promise<void> {
    const { clock, intervalMs, dialDelayMs, signal } = this.#options
    this.#waiting.set(url, waiting)
    try {
      while (waiting.length > 0) {
        for (let delayMs = dialDelayMs(url); delayMs > 0; delayMs = dialDelayMs(url))
          await clock.sleep(delayMs, { signal })
        const turn = waiting.shift()
        const isOver = turn?.isOver()
        turn?.go()
        if (!isOver) await clock.sleep(intervalMs, { signal })
      }
    } catch (reason) {
      for (const { fail } of waiting) fail(reason)
    } finally {
      this.#waiting.delete(url)
    }
  }
}
