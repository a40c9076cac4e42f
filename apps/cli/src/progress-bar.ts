import { formatDuration } from './format-time.js'

const WIDTH = 30
const LOG_EVERY_MS = 5_000

/** How far something is, with the time left at the pace so far; on a terminal in place, else a line now and then. */
export class ProgressBar {
  readonly #out: NodeJS.WriteStream
  readonly #label: string
  readonly #startedAt = performance.now()
  #loggedAt = Number.NEGATIVE_INFINITY

  constructor(out: NodeJS.WriteStream, label: string) {
    this.#out = out
    this.#label = label
  }

  /**
   * @param done from 0 to 1
   * @param note what keeps it
   */
  draw(done: number, note?: string): void {
    const text = [this.#label, this.#barOf(done), note ?? ''].join(' ').trimEnd()
    if (this.#out.isTTY) this.#out.write(`\r\u001b[2K${text.slice(0, (this.#out.columns ?? 80) - 1)}`)
    else if (done >= 1 || performance.now() - this.#loggedAt >= LOG_EVERY_MS) {
      this.#loggedAt = performance.now()
      this.#out.write(`${text}\n`)
    }
  }

  /** Goes on below it. */
  end(): void {
    if (this.#out.isTTY) this.#out.write('\n')
  }

  #barOf(done: number): string {
    const full = Math.round(done * WIDTH)
    const elapsedMs = performance.now() - this.#startedAt
    const left = done > 0 && done < 1 ? `, ${formatDuration((elapsedMs / done) * (1 - done))} left` : ''
    return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${(done * 100).toFixed(done < 1 ? 1 : 0)} %${left}`
  }
}
