import type { Clock } from '@fullon/market'
import type { Fault } from './fault.js'
import type { FaultSchedule } from './fault-schedule.js'
import { parseFault } from './parse-fault-plan.js'
import type { Answer } from './protocol.js'

/** A fault without the time at which it begins. */
export type FaultNow = Fault extends infer One ? (One extends Fault ? Omit<One, 'atMs'> : never) : never

/** How the simulated exchange misbehaves on demand. */
export interface Faults {
  /** Every fault so far and to come, as data: with it as `faultPlan` the run can be repeated. */
  readonly plan: readonly Fault[]
  /**
   * One more fault, from now on.
   *
   * @throws SimulatorError `BAD_FAULT_PLAN`
   */
  inject(fault: FaultNow): void
  /** Resets the connection of every open WebSocket at once; gives how many there were. Not part of the plan. */
  dropSockets(): number
  /**
   * The next `count` REST requests are answered with `status` and no data; calls add up. Not part of the plan.
   *
   * @throws RangeError for a status outside 400 to 599 or a count that is not a positive integer.
   */
  failRequests(options: {
    readonly status: number
    readonly count: number
    /** Sent as `Retry-After`. */
    readonly retryAfterSeconds?: number
  }): void
}

/** The same, with the side that the server asks. */
export interface FaultQueue extends Faults {
  /** What the request that came just now is answered with instead of data, if anything. */
  takeFailure(): Answer | undefined
}

export function createFaults({
  schedule,
  clock,
  dropSockets,
}: {
  schedule: FaultSchedule
  clock: Clock
  dropSockets: () => number
}): FaultQueue {
  const failures: { answer: Answer; left: number }[] = []
  return {
    get plan() {
      return schedule.plan
    },
    inject(fault) {
      schedule.add(parseFault({ ...fault, atMs: Math.max(0, clock.now() - schedule.start) }))
    },
    dropSockets,
    failRequests({ status, count, retryAfterSeconds }) {
      if (!(Number.isInteger(status) && status >= 400 && status <= 599)) {
        throw new RangeError(`status: expected an integer from 400 to 599, got ${status}`)
      }
      if (!(Number.isSafeInteger(count) && count > 0)) {
        throw new RangeError(`count: expected a positive integer, got ${count}`)
      }
      failures.push({ answer: failureAnswer(status, retryAfterSeconds), left: count })
    },
    takeFailure() {
      const [failure] = failures
      if (!failure) return undefined
      if (--failure.left === 0) failures.shift()
      return failure.answer
    },
  }
}

/** An answer that has no data; it looks like those of the proxies in front of exchanges. */
export function failureAnswer(status: number, retryAfterSeconds?: number): Answer {
  return {
    status,
    contentType: 'text/html',
    body: `<html><body><h1>error ${status}</h1></body></html>`,
    headers: retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) },
  }
}
