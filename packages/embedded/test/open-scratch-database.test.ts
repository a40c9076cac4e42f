import postgres from 'postgres'
import { describe, expect } from 'vitest'
import { openEmbeddedPostgres, openScratchDatabase } from '../src/index.js'
import { connect, test } from './server-under-test.js'

describe.each(['the shared server', 'a server of ours'])('on %s', (where) => {
  test('two test files never see each other, and nothing is left when they close', async ({ dataDir }) => {
    await using embedded = where === 'a server of ours' ? await openEmbeddedPostgres({ dataDir }) : undefined
    await using one = await openScratchDatabase({ serverUrl: embedded?.url })
    await using other = await openScratchDatabase({ serverUrl: embedded?.url })
    await using sql = connect(one.url)
    await using otherSql = connect(other.url)
    await sql`create table mine as select 1`
    expect(await otherSql`select to_regclass('mine') as found`).toEqual([{ found: null }])

    await one.close()
    const [row] =
      await otherSql`select count(*)::int from pg_database where datname = ${new URL(one.url).pathname.slice(1)}`
    expect(row).toEqual({ count: 0 })
  })
})

test('a database with open connections is dropped all the same', async () => {
  const scratch = await openScratchDatabase()
  const sql = postgres(scratch.url, { max: 1, onnotice: () => {} })
  await sql`select 1`
  await scratch.close()
  await expect(sql`select 1`).rejects.toThrow()
  await sql.end()
})
