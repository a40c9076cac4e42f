import { inspect } from 'node:util'
import { escapeLiteral } from 'pg'

/** A Buffer goes to the server as it is, in the binary form of its type. */
export type SqlValue = string | number | boolean | null | Buffer

/** A statement, or a part of one: its text with the values apart. */
export class Sql {
  /** The text around the values, one more than there are values. */
  readonly texts: readonly string[]
  readonly values: readonly SqlValue[]

  constructor(texts: readonly string[], values: readonly SqlValue[]) {
    this.texts = texts
    this.values = values
  }

  /** With `$1`, `$2` … where the values go. */
  get text(): string {
    return this.texts.reduce((text, next, index) => `${text}$${index}${next}`)
  }
}

/** Values become parameters; what is a part of a statement itself becomes part of its text. */
export function sql(strings: TemplateStringsArray, ...inserted: readonly (SqlValue | Sql)[]): Sql {
  const texts = [strings[0] ?? '']
  const values: SqlValue[] = []
  inserted.forEach((item, index) => {
    const part = item instanceof Sql ? item : new Sql(['', ''], [item])
    const [first = '', ...rest] = part.texts
    texts.push((texts.pop() ?? '') + first, ...rest)
    texts.push((texts.pop() ?? '') + (strings[index + 1] ?? ''))
    values.push(...part.values)
  })
  return new Sql(texts, values)
}

/**
 * With the values in its text, for COPY, which takes no parameters.
 *
 * @throws TypeError for a value that is none of a {@link SqlValue}, such as an object of an untyped caller's, or a Buffer.
 */
export function inlined({ texts, values }: Sql): string {
  return texts.reduce((text, next, index) => `${text}${literalOf(values[index - 1])}${next}`)
}

function literalOf(value: unknown): string {
  if (typeof value === 'string') return escapeLiteral(value)
  if (Number.isFinite(value) || typeof value === 'boolean' || value === null) return String(value)
  throw new TypeError(`statement: expected values that can be written in it, got ${inspect(value)}`)
}

/** Text as it is: names and statements of our own, never what comes from outside. */
export function raw(text: string): Sql {
  return new Sql([text], [])
}
