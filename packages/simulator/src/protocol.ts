import type { EpochMs, Span } from '@fullon/market'
import type { RateLimit } from './rate-limit.js'
import type { View } from './view.js'

/** A public REST request. */
export interface RestRequest {
  readonly url: URL
  /** The exchange's time. */
  readonly now: EpochMs
  /** What the answer may be made of. */
  readonly view: View
}

/** What a REST request is answered with. The server adds the headers that every answer has. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The server's end of one WebSocket. Sending on a closed one does nothing. */
export interface Connection {
  /** An answer or a heartbeat. */
  send(frame: string): void
  /** What the market did from `since` on. */
  sendData(frame: string, since: EpochMs): void
}

export interface RequestRefusal {
  readonly now: EpochMs
  readonly retryAt: EpochMs
  readonly isBanned: boolean
}

/** What a protocol does with one WebSocket. */
export interface Session {
  receive(frame: string): void
  /** The socket is gone. */
  end(): void
}

/** What a request costs. */
export interface Charge {
  /** The path, a product in it as `{id}`. */
  readonly endpoint: string
  readonly weight: number
}

/** The wire of one exchange over a market: what the server asks of it. */
export interface Protocol {
  /** ccxt id. */
  readonly exchange: string
  /** What a client may ask. */
  readonly limit: RateLimit
  /** Who goes on when it is refused is banned. */
  readonly isBanning: boolean
  /** `undefined` when the path is not this protocol's. */
  charge(url: URL): Charge | undefined
  /** The headers by which it tells what has been used. */
  usageHeaders(used: number): Readonly<Record<string, string>>
  /** The answer to who asked too much. */
  refuseRequest(refusal: RequestRefusal): Answer
  /** Of a request that it charges for. */
  answer(request: RestRequest): Answer
  /** A WebSocket was opened; `undefined` when the path is not this protocol's. */
  connect(url: URL, connection: Connection): Session | undefined
  /** Sends what the market published in `span` to those who subscribed to it; spans follow each other without a gap. */
  publish(span: Span): void
  /** Called each second of real time. */
  heartbeat(): void
  /** Sends every subscription once more what it began with. */
  repeatSnapshots(): void
  /** ccxt's constructor options that lead to a server at `address`, such as `127.0.0.1:8080`. */
  ccxtOptions(address: string): Readonly<Record<string, unknown>>
}

export function jsonAnswer(value: unknown, { status = 200, headers = {} }: Partial<Answer> = {}): Answer {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(value), headers }
}
