import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataFolder } from './data-folder.js'
import { EmbeddedError } from './errors.js'
import type { Native } from './native.js'
import { replaceFile } from './replace-file.js'
import { asServer, diesWithParent, runProgram } from './run-program.js'
import { type Account, assertReachable, listClients } from './server-account.js'
import { ROLE } from './server-url.js'
import { listPasswordArguments } from './windows-server.js'

/**
 * Creates the cluster where there is none, and says who may connect.
 *
 * @throws EmbeddedError `WRONG_VERSION`, `UNUSABLE_FOLDER`, `START_FAILED`.
 */
export async function openCluster(folder: DataFolder, native: Native, account: Account | undefined): Promise<void> {
  if (account) await giveRunFolder(folder, account)
  if (existsSync(folder.cluster)) await assertVersion(folder.cluster, native.majorVersion)
  else await createCluster(folder, native, account)
  if (process.platform !== 'win32') await writeAccess(folder.cluster, account)
}

async function giveRunFolder({ root, run }: DataFolder, account: Account): Promise<void> {
  assertReachable(root, account)
  const { uid } = await lstat(run)
  if (uid !== account.uid) await chown(run, account.uid, account.gid)
}

async function assertVersion(cluster: string, majorVersion: string): Promise<void> {
  const found = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim()
  if (found === majorVersion) return
  throw new EmbeddedError(
    'WRONG_VERSION',
    `data: expected those of PostgreSQL ${majorVersion}, got those of ${found} in ${cluster} ` +
      '(dump them with the release of @fullon/embedded that wrote them, or set FULLON_DATA_DIR to a new folder)',
  )
}

/** Complete or absent: it is made under another name, which a crash leaves behind and the next one removes. */
async function createCluster(folder: DataFolder, native: Native, account: Account | undefined): Promise<void> {
  for (const name of await readdir(folder.root)) {
    if (name.startsWith('unfinished-')) await rm(join(folder.root, name), { recursive: true, force: true })
  }
  const unfinished = join(folder.root, `unfinished-${randomBytes(4).toString('hex')}`)
  await mkdir(unfinished, { mode: 0o700 })
  if (account) await chown(unfinished, account.uid, account.gid)
  // Collation by code point, of Postgres' own: it does not change when the system's libraries do.
  const collation = ['--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const initdb = [native.program('initdb'), '-D', unfinished, '-U', ROLE, '--encoding=UTF8', ...collation]
  const access = process.platform === 'win32' ? await listPasswordArguments(folder) : ['--auth=peer']
  const command = await diesWithParent('KILL', [...initdb, ...access, '--no-instructions'])
  const { ok, output } = await runProgram(command, asServer(account))
  if (!ok) {
    throw new EmbeddedError(
      'START_FAILED',
      `initdb: expected new data in ${folder.cluster}, got ${output.slice(-1_000)} (is the disk full? has the user a name in /etc/passwd?)`,
    )
  }
  await rename(unfinished, folder.cluster)
}

/** Written at each start, since who starts it may differ. */
async function writeAccess(cluster: string, account: Account | undefined): Promise<void> {
  const clients = listClients(account).map((name) => `fullon "${name}" ${ROLE}\n`)
  await replaceFile(join(cluster, 'pg_ident.conf'), clients.join(''))
  await replaceFile(join(cluster, 'pg_hba.conf'), 'local all all peer map=fullon\n')
}
