import { openScratchDatabase } from '@fullon/embedded'
import { Client } from 'pg'
import { test as base, vi } from 'vitest'
import { DatabaseContext } from '../src/index.js'

type Row = Record<string, unknown>

/** Statements on a connection of their own, past everything that is tested. */
export interface Sql {
  (text: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>
  unsafe(text: string): Promise<Row[]>
}

/** Waits for it, long enough for a machine that is busy with other things. */
export async function until(fact: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(fact, { timeout: 20_000, interval: 20 })
}

/**
 * Tests get `url`, an empty database of their own, `sql` on it, and `db`, opened on it.
 * On the server of TEST_DATABASE_URL; without it on the embedded one.
 */
export const test = base.extend<{ url: string; sql: Sql; db: DatabaseContext }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names out of the pattern
  url: async ({}, use) => {
    const serverUrl = process.env.TEST_DATABASE_URL
    await using scratch = await openScratchDatabase(serverUrl ? { serverUrl } : {})
    await use(scratch.url)
  },
  sql: async ({ url }: { url: string }, use: (sql: Sql) => Promise<void>) => {
    const client = new Client(url)
    await client.connect()
    const toNumbered = (text: TemplateStringsArray) => text.reduce((sum, part, index) => `${sum}$${index}${part}`)
    const sql: Sql = async (text, ...values) => (await client.query(toNumbered(text), values)).rows
    sql.unsafe = async (text) => (await client.query(text)).rows
    await use(sql)
    await client.end()
  },
  db: async ({ url }, use) => {
    await using db = await DatabaseContext.open({ url })
    await use(db)
  },
})
