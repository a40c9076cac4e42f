import { nearestName } from '@fullon/exchange'

/** What a person did or can mend, said in one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, { exitCode = 1, ...options }: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/**
 * @param what such as `exchange`
 * @param known in any order, some perhaps more than once
 * @throws CommandError that names the nearest of `known`, or what there is
 */
export function checkKnown(what: string, typed: string, known: readonly string[]): void {
  if (known.includes(typed)) return
  const nearest = nearestName(typed, known)
  const some =
    known.length > 0 ? `there is ${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}` : 'none yet'
  const hint = nearest ? `did you mean ${nearest}?` : some
  throw new CommandError(`${what}: expected one that there is, got ${JSON.stringify(typed)} (${hint})`)
}
