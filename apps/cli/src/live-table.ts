import { doingOf, marketOf } from '@fullon/daemon'
import type { SeriesStatus } from '@fullon/ohlcv'
import { formatTime } from './format-time.js'
import { formatTable } from './print-table.js'

// A terminal is redrawn; a log gets a block now and then.
const LOG_EVERY_MS = 10_000

/** Shows what the collectors are doing, in place on a terminal. */
export class LiveTable {
  readonly #out: NodeJS.WriteStream
  readonly #startedAt = performance.now()
  #drawnLines = 0
  #loggedAt = Number.NEGATIVE_INFINITY

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  draw(title: string, status: readonly SeriesStatus[]): void {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const rows = status.map((one) => [
      `${marketOf(one)} ${one.symbol}`,
      one.kind,
      doingOf({ state: one.state, liveSince: one.liveSince }),
      formatTime(one.lastTimestamp),
      String(one.gaps),
      String(one.rows),
      (one.rows / Math.max(seconds, 1)).toFixed(0),
    ])
    const errors = status
      .filter(({ error }) => error !== undefined)
      .map((one) => `! ${marketOf(one)} ${one.symbol} ${one.kind}: ${one.error}`)
    const body = rows.length > 0 ? formatTable(HEAD, rows) : [NOTHING_YET]
    const lines = [`${title}   ${seconds.toFixed(0)} s`, ...body, ...errors]
    if (this.#out.isTTY) this.#redraw(lines)
    else if (performance.now() - this.#loggedAt >= LOG_EVERY_MS) {
      this.#loggedAt = performance.now()
      this.#out.write(`${lines.join('\n')}\n\n`)
    }
  }

  /** Leaves the last picture and continues below it. */
  note(text: string): void {
    this.#drawnLines = 0
    this.#out.write(`${text}\n`)
  }

  #redraw(all: readonly string[]): void {
    const [rows, columns] = [this.#out.rows || 24, this.#out.columns || 80] // 0 where the terminal does not know
    const hidden = all.length - (rows - 2)
    // A line that wraps or scrolls away could not be drawn over.
    const lines = hidden > 0 ? [...all.slice(0, rows - 3), `… ${hidden + 1} more`] : all
    const up = this.#drawnLines > 0 ? `\u001b[${this.#drawnLines}A` : ''
    this.#out.write(`${up}${lines.map((line) => `\u001b[2K${line.slice(0, columns - 1)}\n`).join('')}\u001b[J`)
    this.#drawnLines = lines.length
  }
}

/** Fits 80 columns. */
const NOTHING_YET = 'nothing to collect yet: fullon symbol add kraken BTC/USD --backtest 30'

const HEAD = ['series', 'kind', 'doing', 'last row', 'gaps', 'rows', 'rows/s']
