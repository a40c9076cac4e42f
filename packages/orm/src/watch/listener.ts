import { sql } from 'drizzle-orm'
import { Client } from 'pg'
import type { ConnectionConfig } from '../connection-config.js'
import { Lease } from '../lease.js'
import { translateConnectError } from '../translate-error.js'
import { readSnapshot, type Snapshot } from './snapshot.js'

const SUBJECT = 'DatabaseContext.watch'
const CHANNEL = 'fullon_orm' // what the triggers of drizzle/0002_watch.sql notify

/** One connection that hears of changes. That it was lost is news, too: the next read says so. */
export class Listener {
  readonly #client: Client
  readonly #lease: Lease
  #hasNews = false
  #wake = () => {}

  private constructor(config: ConnectionConfig, target: string) {
    this.#client = new Client({ ...config, application_name: '@fullon/orm watch' })
    this.#lease = new Lease(this.#client, target, config.connectionTimeoutMillis)
    for (const event of ['notification', 'error', 'end'] as const) this.#client.on(event, () => this.#onNews())
  }

  /**
   * Changes that commit after this has resolved are news.
   *
   * @throws OrmError `UNAVAILABLE`.
   */
  static async open(config: ConnectionConfig, target: string): Promise<Listener> {
    const listener = new Listener(config, target)
    try {
      await listener.#client.connect()
      await listener.#lease.run(SUBJECT, (db) => db.execute(sql.raw(`listen ${CHANNEL}`)))
      return listener
    } catch (error) {
      listener.close()
      throw translateConnectError(error, SUBJECT, target)
    }
  }

  /** @throws OrmError `UNAVAILABLE` when the connection was lost, also since the last read. */
  read(): Promise<Snapshot> {
    this.#hasNews = false // before it is asked: what commits meanwhile may not be in the answer
    return this.#lease.run(SUBJECT, readSnapshot)
  }

  /** Calls `wake` when there are news, at once when there have been since the last read began. */
  onNews(wake: () => void): void {
    this.#wake = wake
    if (this.#hasNews) wake()
  }

  /** Breaks off what is running. */
  close(): void {
    this.#lease.abandon(new Error('closed'))
  }

  #onNews(): void {
    this.#hasNews = true
    this.#wake()
  }
}
