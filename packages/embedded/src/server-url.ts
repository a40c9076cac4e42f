import { existsSync, readFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataFolder } from './data-folder.js'

/** The one role; the databases belong to it. */
export const ROLE = 'postgres'

/** The database that is always there. */
export const MAINTENANCE_DATABASE = 'postgres'

/**
 * postgres.js 3.4 understands a percent-encoded folder as host only when there is a comma in it (it decodes lists
 * of hosts and nothing else), so the socket is reached through a link of that name to the folder itself.
 */
const COMMA = ','

/** How to reach the server of `folder`; on Windows by TCP, with the password that was written when it was created. */
export async function findServerUrl(folder: DataFolder, port: number): Promise<string> {
  if (process.platform === 'win32') {
    const password = readFileSync(passwordFile(folder), 'utf8')
    return `postgres://${ROLE}:${password}@127.0.0.1:${port}/${MAINTENANCE_DATABASE}`
  }
  const link = join(folder.run, COMMA)
  if (!existsSync(link)) await symlink('.', link)
  return `postgres://${ROLE}@${encodeURIComponent(link)}/${MAINTENANCE_DATABASE}`
}

/** The same server, another database. */
export function withDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURIComponent(database)}`
  return url.href
}

/** Holds the role's password, on Windows only. */
export function passwordFile(folder: DataFolder): string {
  return join(folder.root, 'password')
}
