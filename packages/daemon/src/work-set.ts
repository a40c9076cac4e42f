/** Something that runs until `stopping` aborts. */
export interface Work<Wanted> {
  /** What it runs for; set anew when that changed and the work goes on. */
  wanted: Wanted
  readonly stopping: AbortController
  /** Resolves when it has stopped; rejects by a bug only. */
  readonly ended: Promise<void>
}

export interface WorkSetOptions<Wanted, Running extends Work<Wanted>> {
  /** What a work cannot change while it runs: where this differs, it is stopped and another started. */
  readonly keyOf: (wanted: Wanted) => string
  readonly start: (wanted: Wanted) => Running
  /** Told what ended a work by itself: the others alone would only look whole. */
  readonly onBroken: (err: unknown) => void
  /** Told what has been stopped, once all that is wanted runs. */
  readonly onStopped?: (stopped: readonly Wanted[]) => Promise<void>
}

/** Keeps what runs equal to what is wanted. */
export class WorkSet<Wanted, Running extends Work<Wanted>> {
  readonly #options: WorkSetOptions<Wanted, Running>
  readonly #running = new Map<string, Running>()
  #turn: Promise<void> = Promise.resolve()

  constructor(options: WorkSetOptions<Wanted, Running>) {
    this.#options = options
  }

  running(): readonly Running[] {
    return [...this.#running.values()]
  }

  /** Starts what does not run yet and ends the rest, which is asked of it at once. Resolves when that is done. */
  keep(wanted: readonly Wanted[]): Promise<void> {
    const kept = new Map(wanted.map((one) => [this.#options.keyOf(one), one]))
    for (const [key, { stopping }] of this.#running) if (!kept.has(key)) stopping.abort()
    this.#turn = this.#turn.then(() => this.#change(kept)) // one change after the other
    return this.#turn
  }

  async #change(kept: ReadonlyMap<string, Wanted>): Promise<void> {
    const gone = [...this.#running].filter(([key, { stopping }]) => stopping.signal.aborted || !kept.has(key))
    await Promise.all(gone.map(([key, running]) => this.#stop(key, running)))
    for (const [key, wanted] of kept) {
      const running = this.#running.get(key)
      if (!running) this.#start(key, wanted)
      else if (JSON.stringify(running.wanted) !== JSON.stringify(wanted)) running.wanted = wanted
    }
    if (gone.length > 0) await this.#options.onStopped?.(gone.map(([, { wanted }]) => wanted))
  }

  #start(key: string, wanted: Wanted): void {
    const running = this.#options.start(wanted)
    running.ended.catch(this.#options.onBroken)
    this.#running.set(key, running)
  }

  async #stop(key: string, { stopping, ended }: Running): Promise<void> {
    stopping.abort()
    await ended.catch(() => {}) // heard by `onBroken`
    this.#running.delete(key)
  }
}
