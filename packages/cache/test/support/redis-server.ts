import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { waitUntil } from './wait-until.js'

export const hasRedisServer = spawnSync('redis-server', ['--version']).status === 0

interface ServerOptions {
  readonly password?: string
  /** Put before the options every server has. */
  readonly args?: readonly string[]
}

/** A redis-server of the test's own, without persistence, that can be killed and started again on its port. */
export class RedisServer implements AsyncDisposable {
  readonly port: number
  readonly #options: ServerOptions
  #process: ChildProcess | undefined
  /** Of its own: a replica leaves a copy of its master there, which another server would start with. */
  #folder: string | undefined

  private constructor(port: number, options: ServerOptions) {
    this.port = port
    this.#options = options
  }

  static async open(options: ServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options)
    await server.start()
    return server
  }

  /**
   * A Sentinel of the group `name`; its `folder` is the caller's. It takes `quorum` of them, itself included, to agree
   * that the master is gone; of one it alone decides.
   */
  static async openSentinel(name: string, masterPort: number, folder: string, quorum = 1): Promise<RedisServer> {
    const port = await freePort()
    const config = join(folder, `sentinel-${port}.conf`) // it keeps what it knows there
    const group = `monitor ${name} 127.0.0.1 ${masterPort} ${quorum}`
    // Half a second of silence; when no Sentinel wins the vote the next one is after two times the second.
    const times = [`down-after-milliseconds ${name} 500`, `failover-timeout ${name} 3000`]
    await writeFile(config, [group, ...times].map((line) => `sentinel ${line}\n`).join(''))
    const server = new RedisServer(port, { args: [config, '--sentinel'] })
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const { args = ['--save', ''], password } = this.#options
    this.#folder ??= await mkdtemp(join(tmpdir(), 'fullon-redis-'))
    const options = [...args, '--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder]
    if (password) options.push('--requirepass', password)
    this.#process = spawn('redis-server', options, { stdio: 'ignore' })
    await waitUntil('redis-server answers', () =>
      this.command('ping').then(
        () => true,
        () => false,
      ),
    )
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async command(name: string, ...args: string[]): Promise<unknown> {
    const { password } = this.#options
    const redis = new Redis(this.port, '127.0.0.1', {
      ...(password ? { password } : {}),
      lazyConnect: true,
      retryStrategy: null,
    })
    redis.on('error', () => undefined) // the command below fails with it
    try {
      return await redis.call(name, ...args)
    } finally {
      redis.disconnect()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
