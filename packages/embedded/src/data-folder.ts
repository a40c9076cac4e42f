import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedError } from './errors.js'

/** Bytes of a socket's path: 104 with the closing zero on macOS, 108 on Linux. */
const SOCKET_PATH_MAX = 103
const LONGEST_SOCKET = ',/.s.PGSQL.5432'

/** Where things are in one data folder; every path is absolute and free of symbolic links. */
export interface DataFolder {
  readonly root: string
  /** What Postgres calls PGDATA. */
  readonly cluster: string
  /** The sockets: Postgres' own and the keeper's. On Windows the beginning of the keeper's pipe. */
  readonly run: string
  /** A copy of the binaries, made when those in node_modules cannot be used. */
  readonly native: string
  readonly log: string
}

/**
 * Creates the folder and its parents where missing.
 *
 * @throws EmbeddedError `UNUSABLE_FOLDER`.
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  try {
    // Root's server runs as another user, who must get through.
    const isRoot = process.getuid?.() === 0
    await mkdir(dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
    const root = await realpath(dataDir)
    if (isRoot) await letServerPass(root)
    const run = await openRunFolder(root)
    return { root, cluster: join(root, 'pgdata'), run, native: join(root, 'native'), log: join(root, 'postgres.log') }
  } catch (error) {
    if (error instanceof EmbeddedError) throw error
    throw new EmbeddedError(
      'UNUSABLE_FOLDER',
      `data folder: expected a folder that can be written, got ${dataDir} (set FULLON_DATA_DIR to another one)`,
      { cause: error },
    )
  }
}

/** Opens a folder such as mktemp gives; one with other things in it stays as it is. */
async function letServerPass(root: string): Promise<void> {
  const { mode } = await lstat(root)
  if ((mode & 0o011) !== 0o011 && (await readdir(root)).length === 0) await chmod(root, mode | 0o011)
}

/**
 * Beside the data where the path is short enough for a socket, else in /tmp. Never in TMPDIR: processes that
 * share the data may disagree on it.
 */
async function openRunFolder(root: string): Promise<string> {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16)
  if (process.platform === 'win32') return `\\\\.\\pipe\\fullon-${hash}`
  const beside = join(root, 'run')
  const run = Buffer.byteLength(join(beside, LONGEST_SOCKET)) <= SOCKET_PATH_MAX ? beside : `/tmp/fullon-${hash}`
  await mkdir(run, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(run)
  const me = process.getuid?.()
  if ((me === 0 || uid === me) && (mode & 0o077) === 0) return run
  throw new EmbeddedError(
    'UNUSABLE_FOLDER',
    `socket folder: expected ${run} to be private to user ${me}, got owner ${uid} and mode ${(mode & 0o777).toString(8)} ` +
      '(run as that user, or set FULLON_DATA_DIR to a folder of your own)',
  )
}
