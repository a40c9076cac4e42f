import { closeSync, openSync } from 'node:fs'
import { openCluster } from './cluster.js'
import { type DataFolder, openDataFolder } from './data-folder.js'
import { ensureDatabase } from './ensure-database.js'
import { openNative } from './native.js'
import { type Postmaster, startPostmaster } from './postmaster.js'
import { findServerAccount } from './server-account.js'
import { findServerUrl } from './server-url.js'

export interface PrivatePostgresOptions {
  /** Holds the data; created when missing, and used by one process at a time. */
  readonly dataDir: string
  /** Created when missing. Default `fullon`. */
  readonly database?: string
  /** More of Postgres' settings, `name=value`. */
  readonly settings?: readonly string[]
}

/** A Postgres that its process stops and starts at will, at one url: an outage, for the tests of whoever uses it. */
export interface PrivatePostgres extends AsyncDisposable {
  readonly url: string
  /** Whether it was started and has not ended since, by `stop` or by itself. */
  readonly isRunning: boolean
  /** Ends it at once, without a goodbye to anyone. Committed rows stay. */
  stop(): Promise<void>
  /** Nothing happens when it is running. @throws EmbeddedError */
  start(): Promise<void>
  /** Stops it. The data stay. */
  close(): Promise<void>
}

/** What is committed has reached the operating system; the disk may have it later. */
const SETTINGS = ['synchronous_commit=on']

/**
 * Starts a Postgres of one's own, without a keeper: nobody starts it again but its owner, on Linux it dies with this
 * process, and its data survive the death of processes but not of the machine.
 *
 * @throws EmbeddedError any of its codes.
 */
export async function openPrivatePostgres({
  dataDir,
  database = 'fullon',
  settings = [],
}: PrivatePostgresOptions): Promise<PrivatePostgres> {
  const folder = await openDataFolder(dataDir)
  let running: Postmaster | undefined
  const start = async () => {
    if (running) return
    running = await startServer(folder, settings)
    const started = running
    void started.exited.then(() => {
      if (running === started) running = undefined
    })
  }
  const stop = async () => {
    const stopped = running
    await stopped?.stop()
    if (running === stopped) running = undefined
  }
  await start()
  return {
    url: await ensureDatabase(await findServerUrl(folder, 5432), database),
    get isRunning() {
      return running !== undefined
    },
    start,
    stop,
    close: stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startServer(folder: DataFolder, settings: readonly string[]): Promise<Postmaster> {
  const account = findServerAccount(folder.cluster)
  const native = await openNative(folder, account)
  await openCluster(folder, native, account)
  const output = openSync(folder.log, 'a', 0o600)
  try {
    return await startPostmaster({
      folder,
      native,
      account,
      ephemeral: true,
      settings: [...SETTINGS, ...settings],
      output,
    })
  } finally {
    closeSync(output)
  }
}
