import type { CacheDriver, ChannelListener } from './cache-driver.js'
import { CacheError } from './errors.js'

// For a reader that is busy: a minute of 16 messages a second. Beyond it only "missed" is kept.
const MOST_PENDING = 1_000

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined
}

export interface ChannelMessages {
  /** In the order of publishing, all that came since the last time. */
  readonly messages: readonly string[]
  /**
   * Messages may have been published that are not here: what is stored must be read (again). True the first time,
   * after an interruption of the connection, and when the reader was too slow for what came.
   */
  readonly missed: boolean
}

/**
 * What is published on `channel`; the first element, without messages, says that the subscription stands.
 *
 * @throws CacheError `UNAVAILABLE` when there is no connection at the start, `CLOSED` when the cache is closed;
 *   `signal.reason` when aborted.
 */
export async function* watchChannel(
  driver: CacheDriver,
  channel: string,
  { signal }: WatchOptions = {},
): AsyncGenerator<ChannelMessages, void> {
  signal?.throwIfAborted()
  const inbox = new Inbox()
  const end = await driver.subscribe(channel, inbox)
  const onAbort = () => inbox.wake()
  signal?.addEventListener('abort', onAbort)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const taken = inbox.take()
      if (taken) yield taken
      else await inbox.filled()
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    end()
  }
}

/** Keeps what one reader has not taken yet, within a bound. */
class Inbox implements ChannelListener {
  #messages: string[] = []
  #missed = true // whatever was published before the subscription
  #closed = false
  #onFilled: () => void = () => undefined

  message(text: string): void {
    if (this.#messages.length >= MOST_PENDING) {
      this.#messages = []
      this.#missed = true
    }
    this.#messages.push(text)
    this.wake()
  }

  missed(): void {
    this.#missed = true
    this.wake()
  }

  closed(): void {
    this.#closed = true
    this.wake()
  }

  /** Nothing when there is nothing new. */
  take(): ChannelMessages | undefined {
    if (this.#closed) throw new CacheError('CLOSED', 'cache: expected an open cache, got one closed meanwhile')
    if (this.#messages.length === 0 && !this.#missed) return undefined
    const taken = { messages: this.#messages, missed: this.#missed }
    this.#messages = []
    this.#missed = false
    return taken
  }

  async filled(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onFilled = resolve
    })
  }

  wake(): void {
    this.#onFilled()
  }
}
