import { SimulatorError } from './errors.js'
import type { Fault, FaultKind } from './fault.js'
import { FAULT_FIELDS, type Field } from './fault-fields.js'
import { toFields } from './parse-fields.js'

/** Kinds that may name a symbol. */
const WITH_SYMBOL: ReadonlySet<string> = new Set<FaultKind>(['late-trades', 'correction', 'quiet', 'delist'])

/**
 * A plan from data, such as the content of a JSON file: `[{ "kind": "stall", "atMs": 60000, "forMs": 30000 }]`.
 *
 * @throws SimulatorError `BAD_FAULT_PLAN`, quoting the first fault that is wrong.
 */
export function parseFaultPlan(plan: unknown): readonly Fault[] {
  if (!Array.isArray(plan)) throw bad('expected an array of faults', plan)
  return plan.map(parseFault)
}

/** @throws SimulatorError `BAD_FAULT_PLAN` */
export function parseFault(value: unknown): Fault {
  const { kind, atMs, symbol, ...numbers } = toFields(value)
  if (typeof kind !== 'string' || !isKind(kind))
    throw bad(`expected kind to be one of ${Object.keys(FAULT_FIELDS).join(' ')}`, value)
  const fields: Readonly<Record<string, Field>> = FAULT_FIELDS[kind]
  if (!(typeof atMs === 'number' && atMs >= 0 && atMs < 1e15)) throw bad('expected atMs of at least 0', value)
  if (symbol !== undefined && !(typeof symbol === 'string' && WITH_SYMBOL.has(kind)))
    throw bad('expected no symbol', value)
  if (kind === 'delist' && symbol === undefined) throw bad('expected a symbol', value)
  for (const name of Object.keys(numbers)) if (!fields[name]) throw bad(`expected no ${name}`, value)
  for (const [name, { min, max, optional }] of Object.entries(fields)) {
    const number = numbers[name]
    if (number === undefined && optional) continue
    if (!(typeof number === 'number' && number >= min && number <= max))
      throw bad(`expected ${name} from ${min} to ${max}`, value)
  }
  if (kind === 'status' && !Number.isInteger(numbers.status)) throw bad('expected an integer as status', value)
  // Cast: every field was looked at above.
  return value as Fault
}

export function isKind(text: string): text is FaultKind {
  return Object.hasOwn(FAULT_FIELDS, text)
}

function bad(expected: string, value: unknown): SimulatorError {
  return new SimulatorError('BAD_FAULT_PLAN', `fault plan: ${expected}, got ${JSON.stringify(value) ?? 'nothing'}`)
}
