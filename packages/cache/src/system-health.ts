import type { EpochMs } from '@fullon/market'
import type { Process } from './process-record.js'

export interface SystemHealth {
  /** Someone runs, nobody is stale and nobody reports an error. */
  readonly healthy: boolean
  readonly totalProcesses: number
  readonly byType: Readonly<Record<string, number>>
  readonly byStatus: Readonly<Record<string, number>>
  /** Neither stopped nor replaced, and without a sign of life. */
  readonly staleProcesses: number
  readonly errorProcesses: number
}

/** From the processes that did not stop; stale is whose heartbeat is older than `oldest`. */
export function buildSystemHealth(processes: readonly Process[], oldest: EpochMs): SystemHealth {
  const isStale = ({ heartbeat }: Process) => heartbeat < oldest
  // One that was killed and started again under the same component is not missed.
  const current = processes.filter((one) => !isStale(one) || !processes.some((other) => isSuccessor(other, one)))
  const staleProcesses = current.filter(isStale).length
  const errorProcesses = current.filter(({ status }) => status === 'error').length
  return {
    healthy: current.length > 0 && staleProcesses === 0 && errorProcesses === 0,
    totalProcesses: current.length,
    byType: countBy(current.map(({ processType }) => processType)),
    byStatus: countBy(current.map(({ status }) => status)),
    staleProcesses,
    errorProcesses,
  }
}

function isSuccessor(other: Process, one: Process): boolean {
  return other.component === one.component && other.processType === one.processType && other.createdAt > one.createdAt
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries(counts)
}
