import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@fullon/market'
import { type Counts, Exchange, type RateLimits } from './exchange.js'
import type { Fault } from './fault.js'
import { FaultSchedule } from './fault-schedule.js'
import type { Faults } from './faults.js'
import type { Market } from './market.js'
import { parseFaultPlan } from './parse-fault-plan.js'
import type { ProtocolName } from './protocols.js'
import type { SocketHost } from './socket-host.js'
import { createTruth, type Truth } from './truth.js'
import type { RequestRecord } from './usage.js'

/** How often what is due is published, in real time. */
const PUBLISH_EVERY_MS = 10
const HEARTBEAT_EVERY_MS = 1000

export interface Simulator extends AsyncDisposable {
  /** `http://host:port` */
  readonly url: string
  /** Constructor options by ccxt id that make ccxt talk to this server: `{ kraken: { urls: … } }`. */
  readonly ccxtOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly truth: Truth
  readonly faults: Faults
  /** As of now: read it again for newer ones. */
  readonly counts: Counts
  /** The REST requests so far, the newest 1,000,000 of them, ascending by time: see `sumUsage` and `peakWeight`. */
  readonly requests: readonly RequestRecord[]
  /** Closes every connection and the server. May be called again. */
  close(): Promise<void>
}

export interface SimulatorOptions {
  readonly market: Market
  readonly clock: Clock
  /** ccxt ids of the exchanges to be, all on one port. Default: kraken. */
  readonly protocols?: readonly ProtocolName[]
  /** What goes wrong when. Default: nothing. */
  readonly faultPlan?: readonly Fault[]
  /**
   * Refuses who asks more than the exchanges allow, as they do; or than these limits, by exchange. Default: counts
   * and refuses nobody.
   */
  readonly enforceLimits?: boolean | RateLimits
  /** How far the exchange's clock is ahead of `clock`. Default 0. */
  readonly skewMs?: number
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** 0, the default, takes any free one. */
  readonly port?: number
}

/**
 * Serves `market` at the time of `clock` over HTTP and WebSocket until it is closed.
 *
 * @throws RangeError when a symbol of the market cannot exist on an exchange; SimulatorError `BAD_FAULT_PLAN`;
 * the operating system's error when the port is taken.
 */
export async function startSimulator({
  market,
  clock: ours,
  protocols = ['kraken'],
  faultPlan = [],
  enforceLimits = false,
  skewMs = 0,
  host = '127.0.0.1',
  port = 0,
}: SimulatorOptions): Promise<Simulator> {
  const clock: Clock = { now: () => ours.now() + skewMs, sleep: (delayMs, options) => ours.sleep(delayMs, options) }
  const schedule = new FaultSchedule(clock.now())
  for (const fault of parseFaultPlan(faultPlan)) schedule.add(fault)
  const exchange = new Exchange({ market, clock, schedule, protocols, enforceLimits })

  const server = await listen(exchange, host, port)
  const timers = [
    setInterval(() => exchange.tick(), PUBLISH_EVERY_MS),
    setInterval(() => exchange.heartbeat(), HEARTBEAT_EVERY_MS),
  ]
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    for (const timer of timers) clearInterval(timer)
    closed ??= closeServer(server, exchange.sockets)
    return closed
  }
  const address = addressOf(server, host)
  return {
    url: `http://${address}`,
    ccxtOptions: exchange.ccxtOptions(address),
    truth: createTruth(exchange.history, clock),
    faults: exchange.faults,
    get counts() {
      return exchange.counts()
    },
    get requests() {
      return exchange.requests.records
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function listen({ requests, sockets }: Exchange, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => requests.answer(request, response))
  server.on('upgrade', (request, socket, head) => sockets.accept(request, socket, head))
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

function addressOf(server: Server, host: string): string {
  // Cast: what listens on a port, and not on a pipe, has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function closeServer(server: Server, sockets: SocketHost): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  sockets.resetAll()
  server.closeAllConnections()
  await closed
}
