import { readFileSync } from 'node:fs'
import type { ExchangeQueueOptions } from './exchange-queue.js'

/**
 * Endpoints for proxies, recordings and simulators, from a JSON file: `{ "<exchange>": { …ccxt constructor options } }`.
 *
 * @throws RangeError when there is no such file, or it is not that.
 */
export function readCcxtOptions(file: string): NonNullable<ExchangeQueueOptions['ccxtOptions']> {
  try {
    const options: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isRecord(options) && Object.values(options).every(isRecord))
      return options as Record<string, Record<string, unknown>> // cast: just checked
    throw new TypeError('not an object of objects')
  } catch (cause) {
    throw new RangeError(`ccxt options: expected a JSON file of options by exchange, got ${file} (${String(cause)})`, {
      cause,
    })
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
