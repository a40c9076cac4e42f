import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { LocalServer } from './local-server.js'

/** A server of a test's own, reached by a socket in its folder. */
export interface Cluster {
  readonly folder: string
  readonly url: string
  start(settings?: Readonly<Record<string, string>>): void
  /** At once, as a power cut would. */
  kill(): Promise<void>
  /** In peace. */
  stop(): Promise<void>
}

/** Made with the programs and as the user of the tests' server. */
export function createCluster(server: LocalServer): Cluster {
  const folder = makeFolder(server)
  const options = ['--no-sync', '--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-locale']
  const { status, stderr } = spawnSync(`${server.programs}/initdb`, ['-D', join(folder, 'data'), ...options], {
    ...asUser(server),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`initdb: ${stderr}`)
  return clusterIn(folder, server)
}

/** A copy of a stopped one that follows `primary` and takes no writes. */
export function copyAsStandby(primary: Cluster, server: LocalServer): Cluster {
  const folder = makeFolder(server)
  cpSync(join(primary.folder, 'data'), join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'data', 'standby.signal'), '')
  if (process.getuid?.() === 0) spawnSync('chown', ['-R', `${server.uid}:${server.gid}`, folder])
  return clusterIn(folder, server)
}

function clusterIn(folder: string, server: LocalServer): Cluster {
  let running: ChildProcess | undefined
  const end = async (signal: NodeJS.Signals) => {
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const exit = once(running, 'exit')
    running.kill(signal)
    await exit
  }
  onTestFinished(() => end('SIGQUIT'))
  return {
    folder,
    url: `postgres://postgres@${encodeURIComponent(folder)}/postgres`,
    start(settings = {}) {
      const all = { listen_addresses: '', unix_socket_directories: folder, shared_buffers: '16MB', ...settings }
      const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
      const options = { ...asUser(server), stdio: 'ignore' } as const
      running = spawn(`${server.programs}/postgres`, ['-D', join(folder, 'data'), ...flags], options)
    },
    kill: () => end('SIGQUIT'),
    stop: () => end('SIGINT'),
  }
}

function makeFolder({ uid, gid }: LocalServer): string {
  const folder = mkdtempSync(join(tmpdir(), 'fullon-cluster-'))
  if (process.getuid?.() === 0) chownSync(folder, uid, gid)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Root must not run Postgres. */
function asUser({ uid, gid }: LocalServer) {
  return process.getuid?.() === 0 ? { uid, gid } : {}
}
