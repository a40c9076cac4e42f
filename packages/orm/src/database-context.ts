import type { Connection } from './connection.js'
import { type ConnectionConfig, type DatabaseOptions, toConnectionConfig } from './connection-config.js'
import { ConnectionPool } from './connection-pool.js'
import { migrateDatabase } from './migrate.js'
import { ExchangeRepository } from './repositories/exchange-repository.js'
import { SymbolRepository } from './repositories/symbol-repository.js'
import { UserRepository } from './repositories/user-repository.js'
import { closedError } from './translate-error.js'
import { Listener } from './watch/listener.js'
import type { Change } from './watch/snapshot.js'
import { toSource, type WatchOptions, watchChanges } from './watch/watch-changes.js'
import { whenThere } from './when-there.js'

/** The tables, by name. */
export interface Repositories {
  readonly users: UserRepository
  readonly exchanges: ExchangeRepository
  readonly symbols: SymbolRepository
}

/** The fullon configuration database. */
export class DatabaseContext implements Repositories, AsyncDisposable {
  readonly users: UserRepository
  readonly exchanges: ExchangeRepository
  readonly symbols: SymbolRepository
  readonly #pool: ConnectionPool
  readonly #config: ConnectionConfig
  readonly #watches = new Set<AbortController>()

  private constructor(pool: ConnectionPool, config: ConnectionConfig) {
    this.#pool = pool
    this.#config = config
    const { users, exchanges, symbols } = openRepositories(pool)
    this.users = users
    this.exchanges = exchanges
    this.symbols = symbols
  }

  /**
   * Connects, and creates or updates the tables where that is needed.
   *
   * @throws OrmError `UNAVAILABLE` when the database cannot be reached or somebody holds its tables, after `waitMs`, or
   * does not let us in, at once; `INVALID` when a view is in the way of a column that is too narrow.
   * @throws TypeError when the URL is not that of a Postgres database.
   */
  static async open(options: DatabaseOptions): Promise<DatabaseContext> {
    const config = toConnectionConfig(options)
    const pool = new ConnectionPool(config, options)
    try {
      await whenThere(() => pool.run('DatabaseContext.open', migrateDatabase), options)
      return new DatabaseContext(pool, config)
    } catch (error) {
      await pool.close()
      throw error
    }
  }

  /**
   * Does what `work` does with the repositories it is given all together, or none of it: it is undone when `work`
   * throws, and when the connection is lost. Statements run one after the other.
   *
   * @throws what `work` throws; OrmError `UNAVAILABLE`, `transient` unless the commit itself got no answer;
   * `INVALID` when `work` swallowed the error of a statement.
   */
  async transaction<T>(work: (db: Repositories) => Promise<T>): Promise<T> {
    return this.#pool.transaction((connection) => work(openRepositories(connection)))
  }

  /**
   * Rows of users, exchanges and symbols, whoever changes them: first an array of all there are, then arrays of what
   * is not as it was in the one before. It outlives lost connections and restarts of the database, and misses
   * nothing that was changed meanwhile; only what was changed and changed back between two looks is not seen.
   *
   * @throws the signal's reason when it aborts; OrmError `UNAVAILABLE`, not transient, when the database does not
   * let us in any more or the context is closed.
   */
  async *watch(options: WatchOptions = {}): AsyncGenerator<readonly Change[]> {
    const { signal } = options
    const ending = new AbortController() // of `signal` or of `close`
    const onAbort = () => ending.abort(signal?.reason)
    if (this.#pool.closed) ending.abort(closedError('DatabaseContext.watch'))
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#watches.add(ending)
    try {
      const open = () => Listener.open(this.#config, this.#pool.target)
      yield* watchChanges(toSource(options, ending.signal, open))
    } finally {
      this.#watches.delete(ending)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Ends watches, and waits for what is running, at most five seconds. Calls after it are refused with `UNAVAILABLE`. */
  async close(): Promise<void> {
    for (const watch of this.#watches) watch.abort(closedError('DatabaseContext.watch'))
    await this.#pool.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function openRepositories(connection: Connection): Repositories {
  return {
    users: new UserRepository(connection),
    exchanges: new ExchangeRepository(connection),
    symbols: new SymbolRepository(connection),
  }
}
