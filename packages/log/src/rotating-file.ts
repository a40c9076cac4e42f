import { readdirSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { basename, dirname, join, parse } from 'node:path'
import { openLines } from './open-lines.js'
import type { Retention, Rotation } from './rotation.js'

export interface RotatingFileOptions {
  /** Default: never. */
  readonly rotation?: Rotation | undefined
  /** Default: all are kept. */
  readonly retention?: Retention | undefined
  /** Default: the machine's time. */
  readonly now?: () => number
}

/**
 * A file that is always the newest: `service.log` is put aside as `service.2026-11-22_18-00-00_000.log` when it is
 * full or old. Writing and putting aside are finished when `write` returns, so nothing is lost when the process ends
 * on the next line. Transports that work in the background cannot promise that; pino-roll, writing in this process,
 * begins a new file only between turns of the event loop: a burst of 400 KB went into one file that may have 30 KB.
 */
export class RotatingFile {
  readonly #path: string
  readonly #rotation: Rotation | undefined
  readonly #retention: Retention | undefined
  readonly #now: () => number
  #file: ReturnType<typeof openLines>
  #bytes = 0
  #endsAt = Number.POSITIVE_INFINITY

  constructor(path: string, { rotation, retention, now = Date.now }: RotatingFileOptions = {}) {
    this.#path = path
    this.#rotation = rotation
    this.#retention = retention
    this.#now = now
    this.#file = openLines(path)
    const { size, birthtimeMs } = statSync(path)
    this.#begin(size, birthtimeMs)
    this.#removeOld()
  }

  write(line: string): void {
    if (this.#rotation) {
      const bytes = Buffer.byteLength(line)
      if (this.#isDue(bytes)) this.#rotate()
      this.#bytes += bytes
    }
    this.#file.write(line)
  }

  close(): void {
    this.#file.end()
  }

  #isDue(bytes: number): boolean {
    const rotation = this.#rotation
    if (this.#bytes === 0 || !rotation) return false
    return 'maxBytes' in rotation ? this.#bytes + bytes > rotation.maxBytes : this.#now() >= this.#endsAt
  }

  #begin(bytes: number, since: number): void {
    this.#bytes = bytes
    const rotation = this.#rotation
    if (rotation && 'maxAgeMs' in rotation) this.#endsAt = since + rotation.maxAgeMs
    if (rotation && 'minuteOfDay' in rotation) this.#endsAt = nextTimeOfDay(since, rotation.minuteOfDay)
  }

  /** What cannot be done is left undone: there is no reason to lose a line for it, and the next time comes. */
  #rotate(): void {
    const now = this.#now()
    attempt(() => renameSync(this.#path, this.#asideName(now))) // not there: someone else has moved it
    attempt(() => {
      const previous = this.#file
      this.#file = openLines(this.#path)
      previous.end()
    })
    attempt(() => this.#removeOld())
    this.#begin(0, now)
  }

  #asideName(now: number): string {
    const { dir, name, ext } = parse(this.#path)
    const taken = new Set(this.#listAside().map(({ file }) => file))
    for (let count = 0; ; count++) {
      const file = `${name}.${toStamp(now)}${count > 0 ? `_${count}` : ''}${ext}`
      if (!taken.has(file)) return join(dir, file)
    }
  }

  /** The files that were put aside, newest first. */
  #listAside(): { readonly file: string; readonly time: number }[] {
    const { name, ext } = parse(this.#path)
    return readdirSync(dirname(this.#path))
      .filter((file) => file.startsWith(`${name}.`) && file.endsWith(ext))
      .filter((file) => /^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_\d+/.test(file.slice(name.length + 1)))
      .filter((file) => file !== basename(this.#path))
      .toSorted((one, other) => (one < other ? 1 : -1))
      .map((file) => ({ file, time: fromStamp(file.slice(name.length + 1)) }))
  }

  #removeOld(): void {
    const retention = this.#retention
    if (!retention) return
    const oldest = 'maxAgeMs' in retention ? this.#now() - retention.maxAgeMs : Number.NEGATIVE_INFINITY
    const count = 'maxFiles' in retention ? retention.maxFiles : Number.POSITIVE_INFINITY
    for (const [index, { file, time }] of this.#listAside().entries()) {
      if (index < count && time >= oldest) continue
      attempt(() => unlinkSync(join(dirname(this.#path), file))) // another process may have been faster
    }
  }
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {}
}

/** `2026-11-22_18-00-00_000`, UTC, so that names sort by time through changes of the clock. */
function toStamp(now: number): string {
  return new Date(now).toISOString().slice(0, -1).replace('T', '_').replaceAll(':', '-').replace('.', '_')
}

function fromStamp(text: string): number {
  const [, date, hour, minute, second] = /^(\S{10})_(\d\d)-(\d\d)-(\d\d)/.exec(text) ?? []
  return Date.parse(`${date}T${hour}:${minute}:${second}Z`)
}

/** The first moment after `since` at which local clocks show that time. */
function nextTimeOfDay(since: number, minuteOfDay: number): number {
  const day = new Date(since)
  day.setHours(0, minuteOfDay, 0, 0)
  if (day.getTime() <= since) {
    day.setDate(day.getDate() + 1)
    day.setHours(0, minuteOfDay, 0, 0)
  }
  return day.getTime()
}
