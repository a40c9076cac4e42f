import { connect, createServer, type Socket } from 'node:net'

/** A way to the database that can be closed, as by a restart, and blocked, as by a host that vanished. */
export interface TestProxy extends AsyncDisposable {
  readonly url: string
  /** Connections there have been. */
  readonly count: number
  /** Ends every connection and refuses new ones until `open`. */
  shut(): Promise<void>
  open(): Promise<void>
  /** Carries nothing any more on the connections there are, and says nothing about it. */
  block(): void
}

export async function openProxy(databaseUrl: string): Promise<TestProxy> {
  const target = new URL(databaseUrl)
  const host = decodeURIComponent(target.hostname)
  const address = host.startsWith('/')
    ? { path: `${host}/.s.PGSQL.5432` }
    : { host, port: Number(target.port || '5432') }
  const pairs = new Set<readonly [Socket, Socket]>()
  let count = 0
  let port = 0
  const server = createServer((near) => {
    count++
    const pair = [near, connect(address)] as const
    pairs.add(pair)
    for (const [from, to] of [pair, pair.toReversed() as [Socket, Socket]]) {
      from.on('error', () => {}).on('close', () => to.destroy() && pairs.delete(pair))
      from.pipe(to)
    }
  })
  const open = () =>
    new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as { port: number }).port
        resolve()
      })
    })
  const shut = async () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
    for (const [near] of pairs) near.destroy()
    await closed
  }
  await open()
  const url = `postgres://${target.username}:${target.password}@127.0.0.1:${port}${target.pathname}`
  return {
    url,
    get count() {
      return count
    },
    shut,
    open,
    block() {
      for (const [near, far] of pairs) {
        near.unpipe(far)
        far.unpipe(near)
      }
    },
    [Symbol.asyncDispose]: shut,
  }
}
