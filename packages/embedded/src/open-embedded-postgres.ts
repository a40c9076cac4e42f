import { setTimeout as sleep } from 'node:timers/promises'
import { useDatabase } from './use-database.js'
import type { ServerUse } from './use-server.js'

/** A full disk, for one, is emptied by a person. */
const RETRY_MS = 5_000

/** Where a long-lived server speaks; a pino logger is one. */
export interface EmbeddedLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface EmbeddedPostgresOptions {
  /** Holds the data and all else; created when missing. See {@link defaultDataDir}. */
  readonly dataDir: string
  /** Created when missing. Default `fullon`. */
  readonly database?: string
  readonly logger?: EmbeddedLogger
}

/** A Postgres that runs until the last process that opened it closes it or ends, however it ends. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** For postgres.js: `postgres(url)`. It stays right when the server is started again. */
  readonly url: string
  /** The server was running already. */
  readonly attached: boolean
  /** Close your connections first: when this was the last user, it stops the server and waits for its end. */
  close(): Promise<void>
}

/**
 * Starts the embedded Postgres on `dataDir`, or attaches to the one already running there.
 *
 * @throws EmbeddedError any of its codes.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, database = 'fullon', logger } = options
  const open = (): Promise<ServerUse> => useDatabase({ dataDir, ephemeral: false, lingerMs: 0 }, database)
  let use = await open()
  let closed: Promise<void> | undefined
  const { url, attached } = use
  logger?.info({ dataDir, attached }, attached ? 'embedded Postgres found' : 'embedded Postgres started')
  void follow()

  /** Starts the server again when its keeper was killed or gave up, so that connection pools find it at the same url. */
  async function follow(): Promise<void> {
    await use.lost
    logger?.warn({ dataDir }, 'embedded Postgres lost, starting it again')
    while (!closed) {
      try {
        use = await open()
        return closed ? use.end() : follow()
      } catch (err) {
        logger?.warn({ dataDir, err, delayMs: RETRY_MS }, 'embedded Postgres does not start')
        await sleep(RETRY_MS, undefined, { ref: false })
      }
    }
  }

  function close(): Promise<void> {
    closed ??= use.end()
    return closed
  }
  return { url, attached, close, [Symbol.asyncDispose]: close }
}
