import type { Session } from './protocol.js'

/** A session that has something to say of its own accord. */
export interface TalkingSession extends Session {
  /** Called each second of real time. */
  heartbeat(): void
  /** Sends every subscription once more what it began with. */
  repeatSnapshots(): void
}

/** The sessions of a protocol that are open. */
export class Sessions {
  readonly #sessions = new Set<TalkingSession>()

  /** It is one of them until its socket is gone. */
  open(session: TalkingSession): Session {
    this.#sessions.add(session)
    return {
      receive: (frame) => session.receive(frame),
      end: () => {
        this.#sessions.delete(session)
        session.end()
      },
    }
  }

  heartbeat(): void {
    for (const session of this.#sessions) session.heartbeat()
  }

  repeatSnapshots(): void {
    for (const session of this.#sessions) session.repeatSnapshots()
  }
}
