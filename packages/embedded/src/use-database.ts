import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { ensureDatabase } from './ensure-database.js'
import { EmbeddedError } from './errors.js'
import { type ServerUse, type ServerUseOptions, useServer } from './use-server.js'

/** A server killed this very moment is noticed and started again by its keeper: 0.05 + 0.1 + … + 1.6 s. */
const ATTEMPTS = 7
const FIRST_DELAY_MS = 50

/**
 * Attaches to the server on a folder, or starts it, and creates the database where it is missing.
 *
 * @throws EmbeddedError any of its codes; PostgresError when the name is not one.
 */
export async function useDatabase(options: ServerUseOptions, database: string): Promise<ServerUse> {
  for (let attempt = 0; ; attempt++) {
    const use = await useServer(options)
    try {
      return { ...use, url: await ensureDatabase(use.url, database) }
    } catch (error) {
      await use.end()
      if (!isLost(error)) throw error
      if (attempt + 1 === ATTEMPTS) {
        throw new EmbeddedError('START_FAILED', `Postgres: expected an answer, got none (see ${options.dataDir})`, {
          cause: error,
        })
      }
      await sleep(FIRST_DELAY_MS * 2 ** attempt)
    }
  }
}

/** The connection failed, or the server is shutting down or starting (class 57P: operator intervention). */
function isLost(error: unknown): boolean {
  return !(error instanceof postgres.PostgresError) || error.code.startsWith('57P')
}
