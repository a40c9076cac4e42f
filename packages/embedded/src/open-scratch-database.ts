import { randomBytes } from 'node:crypto'
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDatabase, runOnce } from './ensure-database.js'
import { EmbeddedError } from './errors.js'
import { MAINTENANCE_DATABASE, withDatabase } from './server-url.js'
import { useDatabase } from './use-database.js'
import type { ServerUse } from './use-server.js'

/** Test files follow one another in processes of their own; between them the server is kept. */
const LINGER_MS = 3_000

/** An empty database of one's own. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly url: string
  /** Drops it, with the connections it has. */
  close(): Promise<void>
}

export interface ScratchDatabaseOptions {
  /** A server on which the role may create databases. Default: an embedded one that all tests of this user share. */
  readonly serverUrl?: string | undefined
}

/**
 * A fresh, empty database for a test file. The embedded server keeps nothing: its data go when it ends.
 *
 * @throws EmbeddedError when the embedded server does not start; what the driver throws for `serverUrl`.
 */
export async function openScratchDatabase({ serverUrl }: ScratchDatabaseOptions = {}): Promise<ScratchDatabase> {
  const database = `scratch_${randomBytes(6).toString('hex')}`
  if (serverUrl) return toScratchDatabase(serverUrl, await ensureDatabase(serverUrl, database))
  const use = await useScratchServer(database)
  return toScratchDatabase(withDatabase(use.url, MAINTENANCE_DATABASE), use.url, use)
}

function toScratchDatabase(serverUrl: string, url: string, use?: ServerUse): ScratchDatabase {
  const database = new URL(url).pathname.slice(1)
  let closed: Promise<void> | undefined
  async function drop(): Promise<void> {
    await runOnce(serverUrl, (sql) => sql`drop database if exists ${sql(database)} with (force)`)
    await use?.end()
  }
  function close(): Promise<void> {
    closed ??= drop()
    return closed
  }
  return { url, close, [Symbol.asyncDispose]: close }
}

async function useScratchServer(database: string): Promise<ServerUse> {
  const me = process.getuid?.() ?? 0
  const dataDir = join(tmpdir(), `fullon-scratch-${me}`)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const stat = await lstat(dataDir)
  // Anyone can create folders in /tmp; Windows has no such owners, and a folder of temporary files for each user.
  if (stat.isDirectory() && (stat.uid === me || process.platform === 'win32')) {
    return useDatabase({ dataDir, ephemeral: true, lingerMs: LINGER_MS }, database)
  }
  throw new EmbeddedError(
    'UNUSABLE_FOLDER',
    `scratch folder: expected ${dataDir} to belong to user ${me}, got user ${stat.uid} (remove it, or set TMPDIR)`,
  )
}
