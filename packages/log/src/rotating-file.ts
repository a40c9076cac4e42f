import { LINE_BY_LINE, type Lines, openLines, outliveErrors } from './open-lines.js'
import { RolledFiles } from './rolled-files.js'
import type { Retention, Rotation } from './rotation.js'

const RETRY_MS = 1_000

type RolledLines = Lines & { readonly file: string }

/**
 * Files that pino-roll begins one after the other, in this process: a line is written when `write` returns. pino-roll
 * needs some turns of the event loop to start; until then lines go straight to the file that it is going to append to,
 * so that not even a kill in the first milliseconds costs one.
 */
export class RotatingFile {
  readonly #files: RolledFiles
  readonly #retention: Retention | undefined
  #lines: Lines
  #rolled: Lines | undefined
  readonly #started: Promise<void>
  #isClosed = false

  /** @throws RangeError for a path that is not accepted, the file system's error when the file cannot be opened. */
  constructor(path: string, rotation: Rotation, retention?: Retention) {
    this.#files = new RolledFiles(path, rotation)
    this.#retention = retention
    const current = this.#files.findCurrent()
    this.#lines = openLines(current)
    this.#removeOld(current)
    this.#started = this.#startRolling()
  }

  write(line: string): void {
    this.#lines.write(line)
  }

  /** @returns resolves when no file is opened any more: pino-roll cannot be called off. */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true
      this.#lines.end()
      this.#rolled?.end()
    }
    return this.#started
  }

  async #startRolling(): Promise<void> {
    try {
      const { default: roll } = await import('pino-roll') // here: it takes a program without rotation 0.1 s to load
      if (this.#isClosed) return
      const rolled = outliveErrors(await roll({ ...LINE_BY_LINE, ...this.#files.options }))
      if (this.#isClosed) rolled.end()
      else this.#replaceLines(rolled)
    } catch {
      // The folder has gone since, or there are too many open files: lines go on where they went.
      setTimeout(() => void this.#startRolling(), RETRY_MS).unref()
    }
  }

  #replaceLines(rolled: RolledLines): void {
    this.#rolled = rolled
    const first = this.#lines
    // What a full disk makes the first hold has to be in its file before: it is lost when that is closed.
    first.once('drain', () => {
      if (this.#isClosed) return
      this.#lines = rolled
      this.#rolled = undefined
      this.#removeOldWhenOpening(rolled)
      first.end()
    })
    first.write('')
  }

  #removeOldWhenOpening(rolled: RolledLines): void {
    const removeOld = () => this.#removeOld(rolled.file)
    rolled.on('ready', removeOld)
    rolled.on('error', ({ syscall }: NodeJS.ErrnoException) => {
      // A failed attempt to open leaves a listener that closes the old descriptor once more after the next success,
      // when its number may be a socket's.
      if (syscall === 'open' || syscall === 'mkdir') rolled.removeAllListeners('ready').on('ready', removeOld)
    })
  }

  #removeOld(current: string): void {
    if (this.#retention) this.#files.removeOld(current, this.#retention)
  }
}
