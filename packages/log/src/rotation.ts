/** When a new file is begun: a day is one from midnight to midnight of local time, other ages are counted from 1970. */
export type Rotation = { readonly maxBytes: number } | { readonly maxAgeMs: number }

/** Which files are kept besides the one that is written. */
export type Retention = { readonly maxAgeMs: number } | { readonly maxFiles: number }

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  ...{ kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
}

const MINUTE_MS = 60_000
export const DAY_MS = 24 * 60 * MINUTE_MS

/** Names tell seconds, and a timer takes 31 bits of milliseconds. */
const AGES_MS = { min: 1_000, max: 2 ** 31 - 1 }

const MS: Readonly<Record<string, number>> = {
  ...{ s: 1_000, sec: 1_000, second: 1_000 },
  ...{ min: MINUTE_MS, minute: MINUTE_MS },
  ...{ h: 60 * MINUTE_MS, hour: 60 * MINUTE_MS },
  ...{ d: DAY_MS, day: DAY_MS },
  ...{ w: 7 * DAY_MS, week: 7 * DAY_MS },
  ...{ month: 30 * DAY_MS, year: 365 * DAY_MS },
}

/**
 * `100 MB`, `1 day` or `00:00`, as fullon's Python spells them.
 *
 * @throws RangeError for anything else.
 */
export function parseRotation(text: string, subject: string): Rotation {
  const maxBytes = parseQuantity(text, BYTES)
  if (maxBytes) return { maxBytes }
  const maxAgeMs = /^\s*00?:00\s*$/.test(text) ? DAY_MS : parseQuantity(text, MS)
  if (maxAgeMs && maxAgeMs >= AGES_MS.min && maxAgeMs <= AGES_MS.max) return { maxAgeMs }
  const expected = 'a size such as 100 MB, an age from 1 second to 24 days such as 1 day, or midnight as 00:00'
  throw unknown(subject, expected, text)
}

/**
 * `7 days`, or how many files, such as `10`.
 *
 * @throws RangeError for anything else.
 */
export function parseRetention(text: string, subject: string): Retention {
  const maxAgeMs = parseQuantity(text, MS)
  if (maxAgeMs) return { maxAgeMs }
  if (/^\s*\d+\s*$/.test(text)) return { maxFiles: Number(text) }
  throw unknown(subject, 'an age such as 7 days or a number of files such as 10', text)
}

/** `1.5 units` in the base unit; absent for a unit that is not there, and for nothing at all. */
function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, name] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? []
  const unit = name?.toLowerCase() ?? ''
  const size = units[unit] ?? units[unit.replace(/s$/, '')]
  return amount && size ? Math.round(Number(amount) * size) : undefined
}

function unknown(subject: string, expected: string, got: string): RangeError {
  return new RangeError(`${subject}: expected ${expected}, got ${JSON.stringify(got)}`)
}
