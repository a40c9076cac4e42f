import { existsSync, statSync } from 'node:fs'
import type postgres from 'postgres'

/** The server of these tests, when it runs on this machine. */
export interface LocalServer {
  /** Where its programs are. */
  readonly programs: string
  /** The user it runs as. */
  readonly uid: number
  readonly gid: number
}

export async function findLocalServer(sql: postgres.Sql): Promise<LocalServer | undefined> {
  const [row] = await sql`
    select setting as programs, current_setting('data_directory') as data from pg_config where name = 'BINDIR'`
  if (!row || !existsSync(`${row.programs}/postgres`)) return undefined
  const stat = statSync(row.data, { throwIfNoEntry: false })
  return stat && { programs: row.programs, uid: stat.uid, gid: stat.gid }
}
