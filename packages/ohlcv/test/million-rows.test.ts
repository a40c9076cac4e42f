import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { test } from './fixtures.js'

/** The rows alone are 170 MB; sent at once they do not fit into 320. */
const HEAP_MB = 256

describe('a million rows in one call are saved in bounded memory', () => {
  test.for([
    ['candles', {}],
    ['trades', { built: 166 }], // whole hours
  ] as const)('%s', { timeout: 300_000 }, async ([kind, more], { database: { url, sql } }) => {
    const script = fileURLToPath(new URL('million-writer.ts', import.meta.url))
    const flags = [`--max-old-space-size=${HEAP_MB}`, '--conditions=@fullon/source', '--import', 'tsx']
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, url, kind])
    expect(JSON.parse(stdout)).toMatchObject({ inserted: 1_000_000, refused: 0, ...more })
    const [row] = await sql`
      select count(*)::int, count(distinct timestamp)::int as times
      from ${sql(`ohlcv.${kind}`)} join ohlcv.series using (series_id) where (timeframe is null) = ${kind === 'trades'}`
    expect(row).toEqual({ count: 1_000_000, times: 1_000_000 })
  })
})
