import type { EpochMs, Span } from '@fullon/market'
import type { Fault, FaultKind, FaultOf } from './fault.js'

/** A fault and the exchange's time in which it is. */
export interface Scheduled<Kind extends FaultKind = FaultKind> extends Span {
  readonly fault: FaultOf<Kind>
}

/** Which faults there are, when. What it says of a time never changes once that time has come. */
export class FaultSchedule {
  readonly start: EpochMs
  readonly #byKind = new Map<FaultKind, Scheduled[]>()
  readonly #plan: Fault[] = []
  /** Where faults begin and end and the clock has not been yet. */
  #edges: { readonly at: EpochMs; readonly begins?: Fault }[] = []

  constructor(start: EpochMs) {
    this.start = start
  }

  /** In the order in which they were added. */
  get plan(): readonly Fault[] {
    return this.#plan
  }

  add(fault: Fault): void {
    const since = this.start + fault.atMs
    const until = 'forMs' in fault ? since + fault.forMs : Number.POSITIVE_INFINITY
    this.#plan.push(fault)
    const entries = this.#byKind.get(fault.kind) ?? []
    this.#byKind.set(fault.kind, entries)
    entries.push({ fault, since, until })
    this.#edges.push({ at: since, begins: fault }, ...(Number.isFinite(until) ? [{ at: until }] : []))
    this.#edges.sort((a, b) => a.at - b.at)
  }

  /** Every one of this kind, whenever it is. */
  all<Kind extends FaultKind>(kind: Kind): readonly Scheduled<Kind>[] {
    // Cast: that is how they were put there.
    return (this.#byKind.get(kind) ?? []) as unknown as readonly Scheduled<Kind>[]
  }

  /** The one of this kind that was added last, of those that are on at a time. */
  active<Kind extends FaultKind>(kind: Kind, at: EpochMs): FaultOf<Kind> | undefined {
    return this.all(kind).findLast(({ since, until }) => since <= at && at < until)?.fault
  }

  /** Where faults begin and end, up to `until` and not asked for before; ascending. */
  takeEdges(until: EpochMs): readonly { readonly at: EpochMs; readonly begins?: Fault }[] {
    const due = this.#edges.filter(({ at }) => at <= until)
    this.#edges = this.#edges.filter(({ at }) => at > until)
    return due
  }
}
