import { sql } from 'drizzle-orm'
import { Pool } from 'pg'
import type { Connection, Database } from './connection.js'
import { type ConnectionConfig, type DatabaseOptions, describeTarget } from './connection-config.js'
import { OrmError } from './errors.js'
import { Lease } from './lease.js'
import { closedError, translateConnectError } from './translate-error.js'

const CLOSE_TIMEOUT_MS = 5_000
const TRANSACTION = 'DatabaseContext.transaction'

/** Connections that are made when needed and given up when they were lost. */
export class ConnectionPool implements Connection {
  readonly target: string
  readonly #pool: Pool
  readonly #timeoutMs: number
  readonly #leases = new Set<Lease>()
  #closed: Promise<void> | undefined

  constructor(
    config: ConnectionConfig,
    { maxConnections = 5, statementTimeoutMs = 60_000 }: Partial<DatabaseOptions> = {},
  ) {
    this.target = describeTarget(config)
    this.#timeoutMs = statementTimeoutMs
    this.#pool = new Pool({ ...config, max: maxConnections })
    this.#pool.on('error', () => {}) // an idle connection was lost: the pool has dropped it, the next call makes one
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  run<T>(subject: string, work: (db: Database) => PromiseLike<T>): Promise<T> {
    return this.#lease(subject, (lease) => lease.run(subject, work))
  }

  /** Commits what `work` did on the connection it gets, or nothing of it. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#lease(TRANSACTION, async (lease) => {
      await lease.run(TRANSACTION, (db) => db.execute(sql`begin`))
      const result = await this.#workInside(lease, work)
      await commit(lease)
      return result
    })
  }

  /** Waits for what is running, at most five seconds. */
  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #lease<T>(subject: string, use: (lease: Lease) => Promise<T>): Promise<T> {
    const { lease, release } = await this.#connect(subject)
    this.#leases.add(lease)
    try {
      return await use(lease)
    } finally {
      this.#leases.delete(lease)
      release(lease.lost)
      lease.end() // after the pool has begun to listen
    }
  }

  /** By its callback: a promise's answer comes a moment after the pool has ceased to listen, and an error may lie between. */
  #connect(subject: string): Promise<{ readonly lease: Lease; readonly release: (lost?: Error) => void }> {
    if (this.#closed) return Promise.reject(closedError(subject))
    return new Promise((resolve, reject) => {
      this.#pool.connect((error, client, release) => {
        if (client) resolve({ lease: new Lease(client, this.target, this.#timeoutMs), release })
        else reject(this.#closed ? closedError(subject) : translateConnectError(error, subject, this.target))
      })
    })
  }

  async #workInside<T>(lease: Lease, work: (connection: Connection) => Promise<T>): Promise<T> {
    let over = false
    const inside: Connection = {
      async run(subject, statement) {
        if (over) throw new OrmError('UNAVAILABLE', `${subject}: expected an open transaction, got one that is over`)
        return lease.run(subject, statement)
      },
    }
    try {
      return await work(inside)
    } catch (error) {
      await lease.run(TRANSACTION, (db) => db.execute(sql`rollback`)).catch((reason: Error) => lease.abandon(reason)) // the server rolls back when the connection ends
      throw error
    } finally {
      over = true
    }
  }

  async #end(): Promise<void> {
    const ended = this.#pool.end()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)
    })
    await Promise.race([ended, late])
    clearTimeout(timer)
    for (const lease of this.#leases) lease.abandon(closedError('DatabaseContext.close'))
    await ended
  }
}

async function commit(lease: Lease): Promise<void> {
  const good = lease.lost === undefined
  try {
    const { command } = await lease.run(TRANSACTION, (db) => db.execute(sql`commit`))
    if (command === 'COMMIT') return
  } catch (error) {
    if (!good || lease.lost === undefined) throw error // it was refused, or never asked
    const message = `${TRANSACTION}: expected an answer to commit, got none (it may have happened: look, then repeat)`
    throw new OrmError('UNAVAILABLE', message, { cause: error })
  }
  // Postgres answers a commit so after a statement failed and its error was swallowed.
  throw new OrmError('INVALID', `${TRANSACTION}: expected every statement to succeed, got one that failed: rolled back`)
}
