import { openScratchDatabase } from '@fullon/embedded'
import postgres from 'postgres'
import { test as base } from 'vitest'
import { type OhlcvDatabase, openOhlcv } from '../src/index.js'

export interface TestDatabase extends AsyncDisposable {
  readonly db: OhlcvDatabase
  readonly url: string
  /** Past the repositories. */
  readonly sql: postgres.Sql
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env.TEST_DATABASE_URL
  const scratch = await openScratchDatabase({ serverUrl })
  const db = await openOhlcv({ url: scratch.url })
  const sql = postgres(scratch.url, { max: 4, onnotice: () => {} })
  return {
    db,
    url: scratch.url,
    sql,
    async [Symbol.asyncDispose]() {
      await db.close()
      await sql.end({ timeout: 1 })
      await scratch.close()
    },
  }
}

let symbols = 0

/** One database a file, one symbol a test. */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the first parameter's pattern
  .extend('database', { scope: 'file' }, async ({}, { onCleanup }) => {
    const database = await openTestDatabase()
    onCleanup(() => database[Symbol.asyncDispose]())
    return database
  })
  .extend('symbol', () => `COIN${++symbols}/USD`)
