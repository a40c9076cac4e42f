import type { Clock, EpochMs } from '@fullon/market'
import { Pause } from './pause.js'

// Full jitter over 1, 2, 4 … 60 s, from the start again after a socket that held for a minute.
const BACKOFF_BASE_MS = 1_000
const BACKOFF_MAX_MS = 60_000
const STABLE_MS = 60_000

interface Endpoint {
  /** Sockets that did not hold, in a row. */
  attempts: number
  /** Whether one ever was. */
  wasLost: boolean
  readonly pause: Pause
  connectedAt: EpochMs | undefined
}

/**
 * When an endpoint may be dialled again. One back-off for the endpoint and not one for each of its streams, whose
 * retries would add up to as many dials; ccxt's own, which has no jitter to speak of, is switched off.
 */
export class Dialer {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #endpoints = new Map<string, Endpoint>()
  /** Sockets dialled again, for metrics. */
  reconnects = 0

  constructor({ clock, random }: { clock: Clock; random: () => number }) {
    this.#clock = clock
    this.#random = random
  }

  /** How long to wait before dialling. */
  delayMs(url: string): number {
    return this.#endpoint(url).pause.leftMs(this.#clock.now())
  }

  onConnected(url: string): void {
    const endpoint = this.#endpoint(url)
    if (endpoint.wasLost) this.reconnects++
    endpoint.connectedAt = this.#clock.now()
  }

  /** A socket ended, or could not be had. */
  onLost(url: string): void {
    const endpoint = this.#endpoint(url)
    const now = this.#clock.now()
    const held = endpoint.connectedAt !== undefined && now - endpoint.connectedAt >= STABLE_MS
    endpoint.attempts = held ? 0 : endpoint.attempts + 1
    endpoint.connectedAt = undefined
    endpoint.wasLost = true
    endpoint.pause.start(now, this.#random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** endpoint.attempts))
  }

  #endpoint(url: string): Endpoint {
    let endpoint = this.#endpoints.get(url)
    if (!endpoint) {
      endpoint = { attempts: 0, wasLost: false, pause: new Pause(), connectedAt: undefined }
      this.#endpoints.set(url, endpoint)
    }
    return endpoint
  }
}
