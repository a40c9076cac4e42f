import { spawnSync } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from './replace-file.js'

/** No process has this id; PostgreSQL accepts it as that of one that is gone. */
const NO_PROCESS = 2_147_483_647

/** What a server says of itself in postmaster.pid. */
export interface PostmasterFile {
  readonly pid: number
  readonly port: number
  readonly isReady: boolean
}

/** @returns undefined when there is no such file, or it is only half written. */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  // pid, data folder, start time, port, socket folder, address, shared memory, status
  const lines = (await readFile(pathIn(cluster), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  return pid > 0 ? { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' } : undefined
}

/** Whether process `pid` is a server on `cluster`, and not another one that got its number after a restart. */
export async function isPostmaster(pid: number, cluster: string): Promise<boolean> {
  if (!exists(pid)) return false
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === cluster
  if (process.platform === 'win32') return true
  return spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout.includes(cluster)
}

/**
 * Lets Postgres start although a process that is no server has the number in postmaster.pid, or a dead one waits for
 * its parent. The file is not removed: it names the shared memory by which Postgres knows that nobody is left.
 */
export async function forgetDeadPostmaster(cluster: string): Promise<void> {
  const file = await readPostmasterFile(cluster)
  if (!file || !exists(file.pid)) return
  const [, ...rest] = (await readFile(pathIn(cluster), 'utf8')).split('\n')
  await replaceFile(pathIn(cluster), [NO_PROCESS, ...rest].join('\n'))
}

function pathIn(cluster: string): string {
  return join(cluster, 'postmaster.pid')
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // cast: what kill throws
  }
}
