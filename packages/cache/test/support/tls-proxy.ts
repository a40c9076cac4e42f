import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** TLS in front of the port of another server, with a certificate for 127.0.0.1 that it has signed itself. */
export class TlsProxy implements AsyncDisposable {
  readonly port: number
  readonly certificate: string
  readonly #server: Server

  private constructor(server: Server, certificate: string) {
    this.#server = server
    this.certificate = certificate
    this.port = (server.address() as AddressInfo).port
  }

  static async open(target: number): Promise<TlsProxy> {
    const { key, cert } = await makeCertificate()
    const server = createServer({ key, cert }, (client) => {
      const upstream = connect(target, '127.0.0.1')
      client.pipe(upstream).pipe(client)
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on('error', () => other.destroy())
        one.on('close', () => other.destroy())
      }
    })
    server.on('tlsClientError', () => undefined) // a client that does not trust us
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TlsProxy(server, cert)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

async function makeCertificate(): Promise<{ key: string; cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fullon-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=fullon test', '-addext', 'subjectAltName=IP:127.0.0.1']
  const { status, stderr } = spawnSync('openssl', [
    ...['req', '-x509', ...elliptic, ...names, '-days', '1'],
    ...['-keyout', key, '-out', cert],
  ])
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`)
  try {
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  } finally {
    await rm(folder, { recursive: true })
  }
}
