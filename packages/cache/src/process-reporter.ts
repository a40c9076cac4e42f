import type { NewProcess, ProcessCache } from './process-cache.js'

/**
 * Keeps the processes of one program visible: those that are new, or whose data expired, are registered, the others
 * updated, in two round trips. A component that is not reported any more is stopped. Errors: {@link CacheError}.
 */
export class ProcessReporter {
  readonly #processes: ProcessCache
  /** Process ids by component. */
  readonly #ids = new Map<string, string>()

  constructor(processes: ProcessCache) {
    this.#processes = processes
  }

  /** @param reports all of them, each with its component's state now */
  async report(reports: readonly NewProcess[]): Promise<void> {
    for (const report of reports) if (!this.#ids.has(report.component)) await this.#register(report)
    const current = new Map(reports.map((report) => [report.component, report]))
    const updates = [...this.#ids].map(([component, id]) => {
      const { status, message, params } = current.get(component) ?? { status: 'stopped', message: 'Process stopped' }
      return { id, status, message, params, heartbeat: current.has(component) }
    })
    const missing = new Set(await this.#processes.updateProcesses(updates))
    for (const [component, id] of this.#ids) {
      const report = current.get(component)
      if (!report) this.#ids.delete(component)
      else if (missing.has(id)) await this.#register(report)
    }
  }

  async #register(report: NewProcess): Promise<void> {
    this.#ids.set(report.component, await this.#processes.registerProcess(report))
  }
}
