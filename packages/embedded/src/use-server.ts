import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDataFolder } from './data-folder.js'
import { EmbeddedError } from './errors.js'
import { type KeeperAnswer, USE } from './keeper-protocol.js'
import { connectKeeper } from './keeper-socket.js'
import { startKeeper } from './start-keeper.js'

const POLL_MS = 15
/** A keeper that ends so often without a word will not do better. */
const MAX_SILENT_ENDS = 3
const CLOSE_MS = 30_000

/** A server in use: it runs until the last process that holds one of these lets go or dies. */
export interface ServerUse {
  /** To the maintenance database. */
  readonly url: string
  /** The server was running already. */
  readonly attached: boolean
  /** Resolves when the keeper is gone although this use was not ended. */
  readonly lost: Promise<void>
  /** Lets go; when it was the last use, resolves once the server is gone. */
  end(): Promise<void>
}

export interface ServerUseOptions {
  readonly dataDir: string
  readonly ephemeral: boolean
  readonly lingerMs: number
}

/**
 * Attaches to the server on `dataDir`, or starts it.
 *
 * @throws EmbeddedError any of its codes.
 */
export async function useServer({ dataDir, ephemeral, lingerMs }: ServerUseOptions): Promise<ServerUse> {
  const folder = await openDataFolder(dataDir)
  let child: ChildProcess | undefined
  let silentEnds = 0
  for (;;) {
    const socket = await connectKeeper(folder.run)
    const answer = socket ? await ask(socket) : undefined
    if (socket && answer) return toServerUse(socket, answer, child?.pid)
    // None there, or the one that was is on its way out.
    if (!child || hasEnded(child)) {
      if (child && child.exitCode !== 0 && ++silentEnds >= MAX_SILENT_ENDS) {
        throw new EmbeddedError('START_FAILED', `keeper: expected it to run, got an early end (see ${folder.log})`)
      }
      child = startKeeper({ folder, ephemeral, lingerMs })
      child.on('error', () => {})
    }
    await sleep(POLL_MS)
  }
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null
}

/** Undefined: the keeper ended, or was killed, before it had an answer. */
function ask(socket: Socket): Promise<KeeperAnswer | undefined> {
  return new Promise((resolve) => {
    let said = ''
    socket.on('error', () => {}) // `close` follows
    socket.on('close', () => resolve(undefined))
    socket.on('data', (chunk) => {
      said += chunk
      if (said.endsWith('\n')) resolve(JSON.parse(said) as KeeperAnswer) // cast: our own protocol
    })
    socket.write(USE)
  })
}

function toServerUse(socket: Socket, answer: KeeperAnswer, childPid: number | undefined): ServerUse {
  if ('code' in answer) {
    socket.destroy()
    throw new EmbeddedError(answer.code, answer.message)
  }
  socket.unref() // whoever forgets to close can still end
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve()) // an error, which comes before, is heard by `ask`
  })
  let ended = false
  async function end(): Promise<void> {
    if (!ended) {
      ended = true
      socket.ref().end()
    }
    await Promise.race([closed, sleep(CLOSE_MS, undefined, { ref: false })])
    socket.destroy()
  }
  const lost = closed.then(() => (ended ? new Promise<void>(() => {}) : undefined))
  return { url: answer.url, attached: answer.keeperPid !== childPid, lost, end }
}
