import type { Clock, EpochMs, Span } from '@fullon/market'

/** Follows the clock: passes time on in spans that touch and never overlap, so that nothing is sent twice or left out. */
export interface Publisher {
  /** Publishes what is due by now. */
  advance(): void
  /** Everything before this has been published. */
  until(): EpochMs
}

/** Something to be done when the time comes. */
export interface Due {
  readonly at: EpochMs
  run(): void
}

/**
 * A clock that is set back publishes nothing until it has caught up.
 *
 * @param options.takeDue what is to be done up to a time and was not asked for before, ascending: each is done
 * when all before its time is published and nothing after it is.
 */
export function createPublisher({
  clock,
  publish,
  takeDue = () => [],
}: {
  clock: Clock
  publish: (span: Span) => void
  takeDue?: (until: EpochMs) => readonly Due[]
}): Publisher {
  let until = clock.now()
  const advanceTo = (next: EpochMs): void => {
    if (next <= until) return
    const span = { since: until, until: next }
    until = next
    publish(span)
  }
  return {
    until: () => until,
    advance() {
      const now = clock.now()
      for (const { at, run } of takeDue(now)) {
        advanceTo(at)
        run()
      }
      advanceTo(now)
    },
  }
}
