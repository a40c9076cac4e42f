import { sql } from 'drizzle-orm'
import { customType } from 'drizzle-orm/pg-core'

const HAS_ZONE = /(Z|[+-]\d\d(:?\d\d)?)$/

/** `timestamp` as fullon keeps it, UTC without saying so; epoch milliseconds in TypeScript. */
export const epochMs = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamp',
  toDriver: (epochMs) => new Date(epochMs).toISOString(),
  // A database that declared `timestamp with time zone` sends the zone along.
  fromDriver: (text) => Date.parse(HAS_ZONE.test(text) ? text : `${text}Z`),
})

export const nowUtc = sql`(now() at time zone 'utc')`
