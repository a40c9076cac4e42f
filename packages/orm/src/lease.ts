import { drizzle } from 'drizzle-orm/node-postgres'
import type { Client, PoolClient } from 'pg'
import type { Connection, Database } from './connection.js'
import { endsSession, translateError } from './translate-error.js'

/**
 * One connection in use. It may be lost at any moment, with or without a statement under way: pg says so by an
 * `error` event, which ends the process where nobody listens, so it is heard here for as long as the lease lasts.
 */
export class Lease implements Connection {
  readonly #client: Client | PoolClient
  readonly #target: string
  readonly #timeoutMs: number
  readonly #db: Database
  #lost: Error | undefined
  #previous: Promise<unknown> = Promise.resolve()

  /** @param timeoutMs a server that vanished without closing gives no answer, ever: so long it is waited for. */
  constructor(client: Client | PoolClient, target: string, timeoutMs: number) {
    this.#client = client
    this.#target = target
    this.#timeoutMs = timeoutMs
    this.#db = drizzle(client)
    client.on('error', this.#onError)
  }

  /** Why the connection is no use any more; absent: it is good. */
  get lost(): Error | undefined {
    return this.#lost
  }

  /** Statements follow one another, however they are called: pg 9 will not queue them itself. */
  run<T>(subject: string, work: (db: Database) => PromiseLike<T>): Promise<T> {
    const result = this.#previous.then(() => this.#run(subject, work))
    this.#previous = result.catch(() => {})
    return result
  }

  /** Hears no more of the connection: whoever takes it over must. */
  end(): void {
    this.#client.off('error', this.#onError)
  }

  /** Gives the connection up: what is running, and whatever follows, fails with `reason`. */
  abandon(reason: Error): void {
    this.#lost ??= reason
    void this.#client.end() // destroys the socket when a statement is under way
  }

  async #run<T>(subject: string, work: (db: Database) => PromiseLike<T>): Promise<T> {
    const timer = setTimeout(() => this.abandon(new Error(`no answer in ${this.#timeoutMs} ms`)), this.#timeoutMs)
    try {
      if (this.#lost) throw this.#lost
      return await work(this.#db)
    } catch (error) {
      const translated = translateError(error, { subject, target: this.#target, lost: this.#lost })
      if (endsSession(error)) this.#lost ??= error as Error // cast: `endsSession` has looked
      throw translated
    } finally {
      clearTimeout(timer)
    }
  }

  readonly #onError = (error: Error): void => {
    this.#lost ??= error
  }
}
