import { readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { EmbeddedError } from './errors.js'

/** The operating system's user that Postgres runs as. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * Root must not run Postgres: then it is the owner of the data that are there already, else `nobody`.
 * Undefined: the server runs as whoever we are.
 *
 * @throws EmbeddedError `UNUSABLE_FOLDER` when the data belong to someone else and we are not root.
 */
export function findServerAccount(cluster: string): Account | undefined {
  const me = process.getuid?.()
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (me === 0) return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : nobody()
  if (me === undefined || !owner || owner.uid === me) return undefined
  throw new EmbeddedError(
    'UNUSABLE_FOLDER',
    `data: expected ${cluster} to belong to user ${me}, got user ${owner.uid} (run as that user or as root, or set FULLON_DATA_DIR to another folder)`,
  )
}

/** Names of the system's users who may connect; Postgres asks the kernel who is at the other end of the socket. */
export function listClients(account: Account | undefined): string[] {
  // `nobody` runs other people's programs too.
  const owner = readUsers().find(({ name, uid }) => uid === account?.uid && name !== 'nobody')
  return [...new Set(['root', userInfo().username, ...(owner ? [owner.name] : [])])]
}

/**
 * @throws EmbeddedError `UNUSABLE_FOLDER` naming the folder on the way to `path` that does not let `account` pass.
 */
export function assertReachable(path: string, account: Account): void {
  for (let folder = path; ; folder = dirname(folder)) {
    if (!mayEnter(folder, account)) {
      throw new EmbeddedError(
        'UNUSABLE_FOLDER',
        `data folder: expected user ${account.uid} to get to ${path} (Postgres cannot run as root), ` +
          `got ${folder} closed to it (set FULLON_DATA_DIR to a folder such as /var/lib/fullon, or run chmod o+x ${folder})`,
      )
    }
    if (folder === dirname(folder)) return
  }
}

function mayEnter(folder: string, { uid, gid }: Account): boolean {
  const stat = statSync(folder)
  const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001
  return (stat.mode & bit) !== 0
}

function nobody(): Account {
  return readUsers().find(({ name }) => name === 'nobody') ?? { uid: 65_534, gid: 65_534 }
}

function readUsers(): (Account & { name: string })[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}
