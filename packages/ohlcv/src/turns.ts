/** At most so many at once; first come, first served. */
export class Turns {
  readonly #max: number
  readonly #waiting: { resolve(): void; reject(reason: Error): void }[] = []
  #taken = 0

  constructor(max: number) {
    this.#max = max
  }

  get taken(): number {
    return this.#taken
  }

  /** Where one is free, takes it. */
  tryTake(): boolean {
    if (this.#taken >= this.#max) return false
    this.#taken++
    return true
  }

  /** Each that was taken must be passed on. @throws what {@link refuse} was given meanwhile */
  async take(): Promise<void> {
    if (!this.tryTake()) await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  pass(): void {
    const next = this.#waiting.shift()
    if (next) next.resolve()
    else this.#taken--
  }

  /** Whoever waits. */
  refuse(reason: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
  }
}
