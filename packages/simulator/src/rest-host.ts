import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Clock, EpochMs } from '@fullon/market'
import type { FaultOf } from './fault.js'
import type { FaultSchedule } from './fault-schedule.js'
import { type FaultQueue, failureAnswer } from './faults.js'
import { Gate } from './gate.js'
import type { History } from './history.js'
import type { Answer, Protocol } from './protocol.js'
import { createRandom, type Random } from './random.js'
import type { RequestRecord } from './usage.js'
import { emptyView, type View } from './view.js'

const NOT_FOUND: Answer = { status: 404, contentType: 'text/plain', body: 'not found' }
const HTML: Answer = {
  status: 200,
  contentType: 'text/html',
  body: '<html><body><h1>Just a moment...</h1></body></html>',
}

/** Half an hour of 500 requests a second; 60 MB at the most. */
const MOST_RECORDS = 1_000_000

type SomeRequests = 'status' | 'html' | 'cut' | 'empty' | 'hang' | 'reset' | 'break-off'

/** What is done with a request: an answer, whole or broken off, or none. */
type Outcome = (Answer & { readonly breaksOff?: boolean }) | 'hang' | 'reset'

/** The REST side of the server. */
export class RestHost {
  /** Ascending by time. */
  readonly records: RequestRecord[] = []
  readonly #protocols: readonly Protocol[]
  readonly #gates: ReadonlyMap<Protocol, Gate>
  readonly #history: History
  readonly #clock: Clock
  readonly #schedule: FaultSchedule
  readonly #faults: FaultQueue
  readonly #random: Random = createRandom('requests')
  readonly #counts = new Map<string, number>()

  constructor(options: {
    protocols: readonly Protocol[]
    history: History
    clock: Clock
    schedule: FaultSchedule
    faults: FaultQueue
    /** Whether limits are enforced. */
    isEnforced: boolean
  }) {
    const { protocols, isEnforced } = options
    this.#protocols = protocols
    this.#gates = new Map(protocols.map((protocol) => [protocol, new Gate(protocol, { isEnforced })]))
    this.#history = options.history
    this.#clock = options.clock
    this.#schedule = options.schedule
    this.#faults = options.faults
  }

  /** Requests by path, those that were failed too. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const now = this.#clock.now()
    const url = new URL(`http://simulator${request.url}`)
    this.#counts.set(url.pathname, (this.#counts.get(url.pathname) ?? 0) + 1)
    const outcome = this.#settle(url, now)
    if (outcome === 'reset') request.socket.resetAndDestroy()
    if (typeof outcome === 'string') return
    const { status, contentType, body, headers, breaksOff = false } = outcome
    // The answer and its date come from one reading of the clock: clients measure their own against it.
    const head = { 'Content-Type': contentType, Date: new Date(now).toUTCString(), ...headers }
    if (breaksOff) breakOff(request, response, { status, head, body })
    else response.writeHead(status, head).end(body)
  }

  #settle(url: URL, now: EpochMs): Outcome {
    for (const protocol of this.#protocols) {
      const charge = protocol.charge(url)
      const gate = this.#gates.get(protocol)
      if (!charge || !gate) continue
      const { headers, refusal } = gate.pass(charge, now)
      const outcome = this.#stop(now) ?? refusal ?? this.#ask(protocol, url, now)
      this.#record({ at: now, exchange: protocol.exchange, ...charge, status: statusOf(outcome) })
      return typeof outcome === 'string' ? outcome : { ...outcome, headers: { ...headers, ...outcome.headers } }
    }
    const outcome = this.#stop(now) ?? NOT_FOUND
    this.#record({ at: now, exchange: '', endpoint: url.pathname, weight: 0, status: statusOf(outcome) })
    return outcome
  }

  #record(record: RequestRecord): void {
    if (this.records.length >= MOST_RECORDS) this.records.splice(0, MOST_RECORDS / 10)
    this.records.push(record)
  }

  /** What comes instead of data, if anything. */
  #stop(now: EpochMs): Outcome | undefined {
    if (this.#strikes('hang', now)) return 'hang'
    if (this.#strikes('reset', now)) return 'reset'
    const queued = this.#faults.takeFailure()
    if (queued) return queued
    if (this.#schedule.active('maintenance', now)) return failureAnswer(503)
    const failure = this.#strikes('status', now)
    if (failure) return failureAnswer(failure.status, failure.retryAfterSeconds)
    return this.#strikes('html', now) ? HTML : undefined
  }

  #ask(protocol: Protocol, url: URL, now: EpochMs): Outcome {
    const answer = protocol.answer({ url, now, view: this.#view(now) })
    if (this.#strikes('break-off', now)) return { ...answer, breaksOff: true }
    return this.#strikes('cut', now) ? cut(answer) : answer
  }

  /** What REST knows. */
  #view(now: EpochMs): View {
    const { lagMs = 0 } = this.#schedule.active('lag', now) ?? {}
    const view = this.#history.at(now - lagMs, this.#schedule.active('history-limit', now))
    return this.#strikes('empty', now) ? emptyView(view) : view
  }

  /** The fault of this kind that meets this request, if one does. */
  #strikes<Kind extends SomeRequests>(kind: Kind, now: EpochMs): FaultOf<Kind> | undefined {
    const fault = this.#schedule.active(kind, now)
    const share = fault && 'share' in fault && typeof fault.share === 'number' ? fault.share : 1
    return fault && this.#random() < share ? fault : undefined
  }
}

function cut(answer: Answer): Answer {
  return { ...answer, body: answer.body.slice(0, Math.ceil(answer.body.length / 2)) }
}

/** Sends the first half of what the client would have got, then resets the connection. */
function breakOff(
  request: IncomingMessage,
  response: ServerResponse,
  { status, head, body }: { status: number; head: Readonly<Record<string, string>>; body: string },
): void {
  const isZipped = String(request.headers['accept-encoding']).includes('gzip')
  const bytes = isZipped ? gzipSync(body) : Buffer.from(body)
  const encoding = isZipped ? { 'Content-Encoding': 'gzip' } : {}
  response.writeHead(status, { ...head, ...encoding, 'Content-Length': bytes.length })
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => request.socket.resetAndDestroy())
}

function statusOf(outcome: Outcome): number {
  return typeof outcome === 'string' ? 0 : outcome.status
}
