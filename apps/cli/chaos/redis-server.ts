import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** A Redis of our own without persistence, which can be stopped, started again on its port, and emptied. */
export class RedisServer implements AsyncDisposable {
  readonly url: string
  readonly #port: number
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.#port = port
    this.url = `redis://127.0.0.1:${port}`
  }

  /** Undefined where there is no `redis-server` to run. */
  static async open(): Promise<RedisServer | undefined> {
    if (spawnSync('redis-server', ['--version']).status !== 0) return undefined
    const server = new RedisServer(await freePort())
    process.once('exit', () => server.#process?.kill('SIGKILL'))
    await server.start()
    return server
  }

  async start(): Promise<void> {
    if (this.#process) return
    const place = ['--dir', tmpdir(), '--dbfilename', `fullon-chaos-${this.#port}.rdb`] // not what another left there
    const options = ['--save', '', '--port', String(this.#port), '--bind', '127.0.0.1', ...place]
    this.#process = spawn('redis-server', options, { stdio: 'ignore' })
    while (!(await this.#command('PING'))) await delay(20)
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async flush(): Promise<void> {
    await this.#command('FLUSHALL')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Whether it was answered. Redis takes a plain line for a command. */
  async #command(line: string): Promise<boolean> {
    const socket = connect(this.#port, '127.0.0.1')
    socket.on('error', () => {}) // `once` tells of the first, and another may follow
    try {
      socket.write(`${line}\r\n`)
      await once(socket, 'data')
      return true
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // cast: it listens on a port, not on a pipe
  server.close()
  await once(server, 'close')
  return port
}
