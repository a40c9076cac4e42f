import { connect, createServer, type Socket } from 'node:net'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'

/** A way to the server on which, once silenced, nothing comes through and nothing ends: a network that is gone. */
export async function openSilentProxy(url: string) {
  const { host, port } = new Client(url)
  const target = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
  let isSilent = false
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (data) => isSilent || to.write(data))
      from.on('end', () => isSilent || to.end())
      from.on('error', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const proxied = new URL(url)
  proxied.hostname = '127.0.0.1'
  proxied.port = typeof address === 'object' ? String(address?.port) : ''
  proxied.searchParams.delete('host')
  return {
    url: proxied.href,
    silence(value: boolean) {
      isSilent = value
    },
  }
}
