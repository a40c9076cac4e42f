import type { EpochMs } from '@fullon/market'
import { invalid, parseJson } from './parse-json.js'

/** fullon's process types. */
export const PROCESS_TYPES = [
  'tick',
  'ohlcv',
  'bot',
  'account',
  'order',
  'bot_status_service',
  'crawler',
  'user_trades_service',
] as const
export type ProcessType = (typeof PROCESS_TYPES)[number]

export type ProcessStatus = 'starting' | 'running' | 'processing' | 'idle' | 'error' | 'stopped'

export interface Process {
  readonly processId: string
  /** One of {@link PROCESS_TYPES} unless another program wrote it. */
  readonly processType: string
  readonly component: string
  readonly params: Readonly<Record<string, unknown>>
  /** A {@link ProcessStatus} unless another program wrote it. */
  readonly status: string
  readonly message: string
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
  readonly heartbeat: EpochMs
}

export interface ProcessChange {
  readonly status?: ProcessStatus | undefined
  readonly message?: string | undefined
  /** Merged into the present ones. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** Whether this is a sign of life; true by default. */
  readonly heartbeat?: boolean | undefined
}

/** The stored JSON, with the names of Python's fullon_cache. Fields we do not know are kept. */
export interface ProcessRecord {
  readonly process_id: string
  readonly process_type: string
  readonly component: string
  readonly params: Readonly<Record<string, unknown>>
  readonly status: string
  readonly message: string
  readonly created_at: string
  readonly updated_at: string
  readonly heartbeat: string
}

const TEXT_FIELDS = [
  'process_id',
  'process_type',
  'component',
  'status',
  'message',
  'created_at',
  'updated_at',
  'heartbeat',
] as const
const TIME_FIELDS = ['created_at', 'updated_at', 'heartbeat'] as const

/** @throws CacheError `INVALID` */
export function parseProcessRecord(text: string, key: string): ProcessRecord {
  const value = parseJson(text, key)
  if (isProcessRecord(value)) return value
  throw invalid('the JSON of a process', text, key)
}

export function toProcess(record: ProcessRecord): Process {
  return {
    processId: record.process_id,
    processType: record.process_type,
    component: record.component,
    params: record.params,
    status: record.status,
    message: record.message,
    createdAt: Date.parse(record.created_at),
    updatedAt: Date.parse(record.updated_at),
    heartbeat: Date.parse(record.heartbeat),
  }
}

export function changeRecord(
  record: ProcessRecord,
  { status, message, params, heartbeat = true }: ProcessChange,
  now: EpochMs,
): ProcessRecord {
  return {
    ...record,
    status: status ?? record.status,
    message: message ?? record.message,
    params: { ...record.params, ...params },
    updated_at: toIsoTime(now),
    heartbeat: heartbeat ? toIsoTime(now) : record.heartbeat,
  }
}

/** As Python's `isoformat()` writes UTC: `2024-01-01T00:00:00.000+00:00`. */
export function toIsoTime(timestamp: EpochMs): string {
  return new Date(timestamp).toISOString().replace('Z', '+00:00')
}

function isProcessRecord(value: unknown): value is ProcessRecord {
  if (!isRecord(value)) return false
  return (
    isRecord(value.params) &&
    TEXT_FIELDS.every((field) => typeof value[field] === 'string') &&
    TIME_FIELDS.every((field) => Number.isFinite(Date.parse(String(value[field]))))
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
