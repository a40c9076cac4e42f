import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openCache, ProcessCache } from '@fullon/cache'
import type { ExchangeQueue } from '@fullon/exchange'
import { openOhlcv } from '@fullon/ohlcv'
import { openDatabaseUrl, type ServiceSettings } from '@fullon/ohlcv-service'
import { DatabaseContext } from '@fullon/orm'
import { placeOf } from './place-of.js'

/** What is looked at: `check` says how it is, or throws. */
export interface Check {
  readonly name: string
  /** What to do when it fails. */
  readonly mend: string
  readonly check: () => Promise<string>
}

const ASK_TIMEOUT_MS = 15_000
/** An answer's `Date` has whole seconds, and has been under way. */
const CLOCK_ERROR_MS = 3_000
const LEAST_FREE_BYTES = 1e9

export function checkNode(version = process.versions.node): Check {
  return {
    name: 'Node',
    mend: 'install Node 20.19 or newer',
    check: async () => {
      const [major = 0, minor = 0] = version.split('.').map(Number)
      if (major > 20 || (major === 20 && minor >= 19)) return version
      throw new Error(`expected 20.19 or newer, got ${version}`)
    },
  }
}

export function checkDatabases(settings: ServiceSettings): Check {
  const where = settings.databaseUrl ? 'DATABASE_URL' : 'FULLON_DATA_DIR, a folder you can write'
  return {
    name: 'database',
    mend: `is the server running, may the user create tables? set ${where}`,
    check: async () => {
      await using database = await openDatabaseUrl(settings)
      await using db = await DatabaseContext.open({ url: database.url })
      await using _ohlcv = await openOhlcv({ url: settings.ohlcvUrl ?? database.url })
      const symbols = (await db.symbols.getAll({ active: true })).length
      return `${placeOf(settings)}, migrations up to date, ${symbols} active symbols`
    },
  }
}

export function checkRedis({ redisUrl }: ServiceSettings): Check {
  return {
    name: 'Redis',
    mend: 'is it running? set REDIS_URL, or unset it to do without',
    check: async () => {
      if (!redisUrl) return 'not configured: health and newest candles stay in the service'
      await using cache = await openCache({ url: redisUrl })
      const { totalProcesses } = await new ProcessCache(cache).getSystemHealth()
      return `${new URL(redisUrl).host}, ${totalProcesses} processes known`
    },
  }
}

export function checkExchange(queue: ExchangeQueue, exchange: string): Check {
  return {
    name: exchange,
    mend: 'is there a network, a proxy, a ban? FULLON_CCXT_OPTIONS can set a proxy',
    check: async () => {
      const handler = await queue.getHandler(exchange)
      const listed = await handler.listSymbols({ timeoutMs: ASK_TIMEOUT_MS, priority: 'urgent' })
      return `reached, lists ${listed.length} symbols`
    },
  }
}

/** Once the exchange has answered. */
export function checkClock(queue: ExchangeQueue, exchange: string): Check {
  return {
    name: 'clock',
    mend: "synchronise this machine's clock by NTP",
    check: async () => {
      const offsetMs = (await queue.getHandler(exchange)).serverNow() - Date.now()
      const offset = `${Math.abs(offsetMs)} ms ${offsetMs < 0 ? 'behind' : 'ahead of'} ours`
      if (Math.abs(offsetMs) <= CLOCK_ERROR_MS) return `that of ${exchange} is ours, to the second`
      throw new Error(`expected at most ${CLOCK_ERROR_MS} ms, that of ${exchange} is ${offset}`)
    },
  }
}

export function checkDisk({ databaseUrl, dataDir }: ServiceSettings, leastBytes = LEAST_FREE_BYTES): Check {
  return {
    name: 'disk',
    mend: 'free some space, or keep less',
    check: async () => {
      const folder = existingFolder(dataDir)
      const { bavail, bsize } = await statfs(folder)
      const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free at ${folder}`
      if (bavail * bsize < leastBytes) throw new Error(`expected ${leastBytes / 1e9} GB, ${free}`)
      return databaseUrl ? `${free}; the database server's own is not seen from here` : free
    },
  }
}

function existingFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existingFolder(dirname(folder))
}
