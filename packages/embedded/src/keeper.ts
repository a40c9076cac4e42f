import { lchown, rm, unlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCluster } from './cluster.js'
import { EmbeddedError } from './errors.js'
import type { KeeperOptions } from './keeper-protocol.js'
import { claimKeeper } from './keeper-socket.js'
import { openNative } from './native.js'
import { type Postmaster, startPostmaster } from './postmaster.js'
import { findServerAccount } from './server-account.js'
import { Users } from './users.js'

/*
 * The program that is Postgres' parent. Each process that uses the server holds a connection to this one, which the
 * kernel closes however that process ends; when none is left, the server is stopped.
 */

/** What is left of a killed server lets go of its shared memory within moments: 0.1 + 0.2 + … + 1.6 s. */
const START_ATTEMPTS = 6
const FIRST_DELAY_MS = 100
/** A server that lived this long did start; its death is not one more failed attempt. */
const STABLE_MS = 10_000
const FAILURE_SHOWN_MS = 2_000

const options = JSON.parse(process.argv[2] ?? '') as KeeperOptions // cast: written by startKeeper
const { folder, ephemeral, lingerMs } = options

// It ends with its users: they get the terminal's Ctrl-C and the system's SIGTERM too, and need the server until then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.umask(0o022)

const users = new Users(lingerMs)
const claim = await claimKeeper(folder.run, (socket) => users.add(socket))
const socketPath = claim?.address()
if (claim) {
  try {
    await keepServer()
  } catch (error) {
    const code = error instanceof EmbeddedError ? error.code : 'START_FAILED'
    users.answer({ code, message: error instanceof Error ? error.message : String(error) })
    // Not longer: users whose server ran before see us end, and try again when what was wrong may be right.
    await Promise.race([users.idle(), sleep(FAILURE_SHOWN_MS)])
  }
  if (typeof socketPath === 'string' && process.platform !== 'win32') await unlink(socketPath).catch(() => {})
}
process.exit(0)

async function keepServer(): Promise<void> {
  let attempt = 0
  for (;;) {
    const startedAt = Date.now()
    const postmaster = await startServer(attempt)
    users.answer({ url: postmaster.url, keeperPid: process.pid })
    const isIdle = await Promise.race([users.idle().then(() => true), postmaster.exited.then(() => false)])
    users.forgetAnswer()
    if (isIdle) await postmaster.stop()
    if (isIdle && ephemeral) await rm(folder.cluster, { recursive: true, force: true })
    users.release()
    if (users.count === 0) return
    attempt = !isIdle && Date.now() - startedAt < STABLE_MS ? attempt + 1 : 0
  }
}

async function startServer(failedAttempts: number): Promise<Postmaster> {
  for (let attempt = failedAttempts; ; attempt++) {
    if (attempt > 0) await sleep(FIRST_DELAY_MS * 2 ** (attempt - 1))
    const account = findServerAccount(folder.cluster)
    const native = await openNative(folder, account)
    await openCluster(folder, native, account)
    // The owner of the data may attach to what root started.
    if (account && typeof socketPath === 'string') await lchown(socketPath, account.uid, account.gid)
    try {
      return await startPostmaster({ folder, native, account, ephemeral })
    } catch (error) {
      if (attempt + 1 >= START_ATTEMPTS) throw error
      // After a power cut they may be unusable, and nobody misses them.
      if (ephemeral && attempt > 1) await rm(folder.cluster, { recursive: true, force: true })
    }
  }
}
