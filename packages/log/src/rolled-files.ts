import { readdirSync, statSync, unlinkSync } from 'node:fs'
import { basename, join, parse, resolve } from 'node:path'
import { DAY_MS, type Retention, type Rotation } from './rotation.js'

/** pino-roll refuses them wherever they stand, but for the colon of a drive. */
const REFUSED_IN_PATHS = /(?<!^[a-z]):|[<>"|?*]/i

/**
 * The files of one path as pino-roll names them: of `logs/service.log` they are `logs/service.1.log`,
 * `logs/service.2.log` … and, when they have an age, `logs/service.2026-11-23.1.log` …
 */
export class RolledFiles {
  /** What pino-roll is told, so that it names and begins files as they are found here. */
  readonly options: { readonly file: string } & (
    | { readonly size: number }
    | { readonly frequency: 'daily' | number; readonly dateFormat: string }
  )
  readonly #rotation: Rotation
  readonly #folder: string
  readonly #name: string
  readonly #ext: string

  /** @throws RangeError when the path is a folder's or one that pino-roll does not take. */
  constructor(path: string, rotation: Rotation) {
    const { dir, name, ext } = parse(accept(path))
    this.#rotation = rotation
    this.#folder = dir
    this.#ext = ext.length > 2 ? ext : '.log' // pino-roll would drop an ending of one letter
    this.#name = ext.length > 2 ? name : name + ext
    this.options = { file: join(dir, this.#name + this.#ext), ...toPeriods(rotation) }
  }

  /**
   * The file that pino-roll is going to open. One that is full is left to it only when it has a successor: a program
   * that ends before pino-roll has started begins files, too.
   */
  findCurrent(now = Date.now()): string {
    const rotation = this.#rotation
    if ('maxAgeMs' in rotation) {
      const start = startOfPeriod(rotation.maxAgeMs, now)
      return this.#join(this.#findNumber(start), `${toLocalDate(start, rotation.maxAgeMs)}.`)
    }
    const number = this.#findNumber()
    const newest = this.#join(number)
    const size = statSync(newest, { throwIfNoEntry: false })?.size ?? 0
    return size < rotation.maxBytes ? newest : this.#join(number + 1)
  }

  /** Keeps `current`, and the newest of the others as far as `retention` says. What cannot be removed now, can later. */
  removeOld(current: string, retention: Retention, now = Date.now()): void {
    const oldest = 'maxAgeMs' in retention ? now - retention.maxAgeMs : Number.NEGATIVE_INFINITY
    let room = 'maxFiles' in retention ? retention.maxFiles : Number.POSITIVE_INFINITY
    attempt(() => {
      for (const { path, size, mtimeMs } of this.#listOthers(current)) {
        if (room <= 0 || mtimeMs < oldest) attempt(() => unlinkSync(path))
        else if (size > 0) room-- // pino-roll leaves an empty file when its timer comes a millisecond early
      }
    })
  }

  #join(number: number, date = ''): string {
    return join(this.#folder, `${this.#name}.${date}${number}${this.#ext}`)
  }

  /** As pino-roll does: the highest number of any file of the folder that began in the period. */
  #findNumber(start = 0): number {
    try {
      const numbers = readdirSync(this.#folder)
        .filter((file) => start === 0 || statSync(join(this.#folder, file)).birthtimeMs >= start)
        .filter((file) => file.endsWith(this.#ext))
        .map((file) => Number(/\d+$/.exec(file.slice(0, -this.#ext.length))?.[0] ?? 0))
      return Math.max(1, ...numbers)
    } catch {
      return 1
    }
  }

  /** The newest first. Many may be of the same millisecond. */
  #listOthers(current: string) {
    const { compare } = new Intl.Collator('en', { numeric: true })
    return readdirSync(this.#folder)
      .filter((file) => this.#isOwn(file) && file !== basename(current))
      .flatMap((file) => {
        const path = join(this.#folder, file)
        const stat = statSync(path, { throwIfNoEntry: false })
        return stat ? [{ path, size: stat.size, mtimeMs: stat.mtimeMs }] : []
      })
      .toSorted((one, other) => other.mtimeMs - one.mtimeMs || compare(other.path, one.path))
  }

  /** pino-roll's own `limit` is not used: for `service.log` it removes `service2.log` and `services.log`, too. */
  #isOwn(file: string): boolean {
    if (!file.startsWith(`${this.#name}.`) || !file.endsWith(this.#ext)) return false
    const between = file.slice(this.#name.length + 1, -this.#ext.length)
    return /^(?:\d{4}-\d\d-\d\d(?:_\d\d-\d\d-\d\d)?\.)?\d+$/.test(between)
  }
}

function accept(path: string): string {
  const absolute = resolve(path) // pino-roll opens files later, when the current folder may be another
  const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory()
  if (!isFolder && !REFUSED_IN_PATHS.test(absolute)) return absolute
  throw new RangeError(
    `rotation: expected the path of a file, without any of < > : " | ? *, got ${JSON.stringify(path)}`,
  )
}

/**
 * A date in the name keeps a restart from going on in the file of another period. pino-roll's `hourly` is not used:
 * its next hour is in the past while clocks show an hour again that daylight saving time had, and it begins a file
 * each millisecond.
 */
function toPeriods(rotation: Rotation) {
  if ('maxBytes' in rotation) return { size: rotation.maxBytes / 2 ** 20 }
  const isDay = rotation.maxAgeMs === DAY_MS
  return {
    frequency: isDay ? ('daily' as const) : rotation.maxAgeMs,
    dateFormat: isDay ? 'yyyy-MM-dd' : 'yyyy-MM-dd_HH-mm-ss',
  }
}

function startOfPeriod(ageMs: number, now: number): number {
  return ageMs === DAY_MS ? new Date(now).setHours(0, 0, 0, 0) : now - (now % ageMs)
}

/** As the `dateFormat` above. */
function toLocalDate(time: number, ageMs: number): string {
  const shifted = time - new Date(time).getTimezoneOffset() * 60_000
  const [date = '', second] = new Date(shifted).toISOString().replaceAll(':', '-').split(/[T.]/)
  return ageMs === DAY_MS ? date : `${date}_${second}`
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {}
}
