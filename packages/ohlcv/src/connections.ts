import { Pool } from 'pg'
import { Connection } from './connection.js'
import { OhlcvError, translateError } from './errors.js'
import { sessionConfig } from './session-config.js'
import type { Queryable } from './sql/queryable.js'
import { sql } from './sql/sql.js'
import { Turns } from './turns.js'

const CLOSE_TIMEOUT_MS = 5_000
const BEGIN_SNAPSHOT = 'begin isolation level repeatable read read only'

export interface ConnectionOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string
  /** Default 10. */
  readonly maxConnections?: number | undefined
}

type Use = <Result>(run: (connection: Connection) => Promise<Result>) => Promise<Result>

/** Runs on another connection which sees the same state of the database, where one is free; on the same one otherwise. */
export type Beside = <Result>(run: (connection: Queryable) => Promise<Result>) => Promise<Result>

/** Connections that are made when needed, taken in turn, and given up when they were lost. */
export class Connections {
  readonly #pool: Pool
  readonly #isOwn: boolean
  readonly #timeoutMs: number
  readonly #running = new Set<Connection>()
  /** First come, first served. The pool's own queue would be left waiting for ever by its end. */
  readonly #turns: Turns
  #closing: Promise<void> | undefined
  #drained = () => {}

  /**
   * @param source a pool that stays open, or how to make one.
   * @param timeoutMs how long a statement may take; half as long again without any answer and the connection is lost.
   */
  constructor(source: Pool | ConnectionOptions, timeoutMs: number) {
    this.#isOwn = 'url' in source
    this.#pool = 'url' in source ? openPool(source, timeoutMs) : source
    this.#timeoutMs = 1.5 * timeoutMs
    this.#turns = new Turns(this.#pool.options.max)
  }

  async use<Result>(run: (connection: Connection) => Promise<Result>): Promise<Result> {
    if (this.#closing) throw closedError()
    await this.#turns.take()
    return this.#inTurn(run)
  }

  /**
   * Each statement sees what was committed before it, whatever the database's default is: who waited for a lock looks
   * again. Commits when `run` resolves; rolls back when it rejects, or when the connection is lost: at once when `signal`
   * aborts.
   */
  transaction<Result>(run: (connection: Queryable) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return this.#between('begin isolation level read committed', async (connection) => {
      const onAbort = () => connection.break(new Error('told to stop'))
      signal?.throwIfAborted()
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        return await run(connection)
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
    })
  }

  /** Every statement of `run` sees the same state of the database. */
  snapshot<Result>(run: (connection: Queryable, beside: Beside) => Promise<Result>): Promise<Result> {
    return this.#between(BEGIN_SNAPSHOT, (connection) => run(connection, (other) => this.#beside(connection, other)))
  }

  /** Waits for what is running, for at most five seconds. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #beside<Result>(connection: Connection, run: (connection: Queryable) => Promise<Result>): Promise<Result> {
    const [state] = await connection.query<{ id: string }>(sql`select pg_export_snapshot() as id`)
    // Not waiting for a turn: all who wait for a second one would wait for each other.
    if (!this.#turns.tryTake()) return run(connection)
    return this.#between(`${BEGIN_SNAPSHOT}; set transaction snapshot '${state?.id}'`, run, (work) =>
      this.#inTurn(work),
    )
  }

  #between<Result>(
    begin: string,
    run: (connection: Connection) => Promise<Result>,
    use: Use = (work) => this.use(work),
  ): Promise<Result> {
    return use(async (connection) => {
      await connection.query(begin)
      try {
        const result = await run(connection)
        await connection.query('commit')
        return result
      } catch (error) {
        await connection.query('rollback').catch(() => {}) // lost, and then the server has rolled back
        throw error
      }
    })
  }

  /** What is done with a turn that was taken. */
  async #inTurn<Result>(run: (connection: Connection) => Promise<Result>): Promise<Result> {
    try {
      return await this.#connected(run)
    } finally {
      this.#turns.pass()
      if (this.#turns.taken === 0) this.#drained()
    }
  }

  async #connected<Result>(run: (connection: Connection) => Promise<Result>): Promise<Result> {
    const { connection, release } = await this.#connect()
    this.#running.add(connection)
    try {
      return await run(connection)
    } finally {
      this.#running.delete(connection)
      release(connection.lost)
      connection.leave() // after the pool has begun to listen
    }
  }

  /** By its callback: a promise's answer comes a moment after the pool has ceased to listen, and an error may lie between. */
  #connect(): Promise<{ connection: Connection; release: (lost?: Error) => void }> {
    return new Promise((resolve, reject) => {
      this.#pool.connect((error, client, release) => {
        if (client) resolve({ connection: new Connection(client, this.#timeoutMs), release })
        else reject(this.#closing ? closedError() : translateError(error))
      })
    })
  }

  async #close(): Promise<void> {
    this.#turns.refuse(closedError())
    if (this.#turns.taken > 0) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#drained = resolve
        timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)
      })
      clearTimeout(timer)
    }
    for (const connection of this.#running) connection.break(closedError())
    if (this.#isOwn) await this.#pool.end()
  }
}

function openPool({ url, maxConnections = 10 }: ConnectionOptions, timeoutMs: number): Pool {
  const pool = new Pool({ ...sessionConfig(url, timeoutMs), max: maxConnections })
  pool.on('error', () => {}) // an idle connection was lost: the pool has dropped it, the next call makes one
  return pool
}

function closedError(): OhlcvError {
  return new OhlcvError('CLOSED', 'database: expected an open one, got a closed one')
}
