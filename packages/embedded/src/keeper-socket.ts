import { readdir, unlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { EmbeddedError } from './errors.js'

const NAME = /^keeper\.(\d+)$/
const IS_WINDOWS = process.platform === 'win32'

/** Nobody listens; there is nothing; who listened died while this connection was waiting to be taken. */
const NOBODY: readonly (string | undefined)[] = ['ECONNREFUSED', 'ENOENT', 'ECONNRESET']

/** A connection to the keeper that serves `run`; none when there is no such process. */
export async function connectKeeper(run: string): Promise<Socket | undefined> {
  for (const number of await listNumbers(run)) {
    const socket = await tryConnect(socketPath(run, number))
    if (socket) return socket
  }
  return undefined
}

/**
 * Makes this process the keeper of `run`; undefined when another one is.
 *
 * A listening socket is a lock that dies with its holder, whatever kills it. Its file stays behind, and to remove
 * a dead one is a race; so each keeper takes the next number instead, and looks at all others once it listens:
 * of two at the same moment at least one sees the other, and whoever does gives way.
 */
export async function claimKeeper(run: string, onConnection: (socket: Socket) => void): Promise<Server | undefined> {
  for (;;) {
    const before = await listNumbers(run)
    if (await isAnyAlive(run, before)) return undefined
    const number = (before[0] ?? 0) + 1
    const server = createServer({ allowHalfOpen: true }, onConnection)
    if (!(await tryListen(server, socketPath(run, number)))) {
      if (IS_WINDOWS) return undefined
      continue
    }
    const others = IS_WINDOWS ? [] : (await listNumbers(run)).filter((other) => other !== number)
    if (await isAnyAlive(run, others)) {
      server.close()
      return undefined
    }
    for (const other of others) await unlink(socketPath(run, other)).catch(() => {})
    return server
  }
}

/** Highest first. A named pipe of Windows leaves no file behind, so there one number is enough. */
async function listNumbers(run: string): Promise<number[]> {
  if (IS_WINDOWS) return [0]
  const numbers = (await readdir(run)).flatMap((name) => NAME.exec(name)?.[1] ?? [])
  return numbers.map(Number).toSorted((a, b) => b - a)
}

function socketPath(run: string, number: number): string {
  return IS_WINDOWS ? run : join(run, `keeper.${number}`)
}

async function isAnyAlive(run: string, numbers: readonly number[]): Promise<boolean> {
  for (const number of numbers) {
    const socket = await tryConnect(socketPath(run, number))
    socket?.destroy()
    if (socket) return true
  }
  return false
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path })
    socket.once('connect', () => resolve(socket.off('error', onError)))
    socket.once('error', onError)
    function onError(error: NodeJS.ErrnoException): void {
      if (NOBODY.includes(error.code)) resolve(undefined)
      else reject(unreachable(path, error))
    }
  })
}

function tryListen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(unreachable(path, error))
    })
    server.listen(path, () => resolve(true))
  })
}

function unreachable(path: string, cause: Error): EmbeddedError {
  return new EmbeddedError('UNUSABLE_FOLDER', `keeper: expected a usable socket, got ${cause.message} for ${path}`, {
    cause,
  })
}
