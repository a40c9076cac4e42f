import { once } from 'node:events'
import { appendFileSync, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect } from 'vitest'
import { openEmbeddedPostgres } from '../src/index.js'
import { connect, eventually, listProcesses, startUser, test } from './server-under-test.js'

test('a folder that does not exist yet becomes a database in one call, in UTC and UTF-8', async ({ dataDir }) => {
  await using embedded = await openEmbeddedPostgres({ dataDir: `${dataDir}/new/folder` })
  await using sql = connect(embedded.url)
  const [row] = await sql`
    select current_database() as database, current_setting('TimeZone') as zone,
      current_setting('server_encoding') as encoding, upper('é') as upper`
  expect(row).toEqual({ database: 'fullon', zone: 'UTC', encoding: 'UTF8', upper: 'É' })
  expect(embedded.attached).toBe(false)
})

test('rows are still there when the folder is opened again', async ({ dataDir }) => {
  {
    await using embedded = await openEmbeddedPostgres({ dataDir, database: 'mine' })
    await using sql = connect(embedded.url)
    await sql`create table kept as select 42 as answer`
  }
  await using embedded = await openEmbeddedPostgres({ dataDir, database: 'mine' })
  await using sql = connect(embedded.url)
  expect(await sql`select answer from kept`).toEqual([{ answer: 42 }])
})

test('a log of years begins anew', async ({ dataDir }) => {
  const log = `${dataDir}/postgres.log`
  await (await openEmbeddedPostgres({ dataDir })).close()
  appendFileSync(log, 'x'.repeat(11e6))
  await (await openEmbeddedPostgres({ dataDir })).close()
  expect(statSync(log).size).toBeLessThan(1e6)
})

test('COPY and NOTIFY pass the socket, as collecting and configuration changes need', async ({ dataDir }) => {
  await using embedded = await openEmbeddedPostgres({ dataDir })
  await using sql = connect(embedded.url)
  await sql`create table copied (number int)`
  const rows = Array.from({ length: 50_000 }, (_, number) => `${number}\n`)
  await pipeline(Readable.from(rows), await sql`copy copied from stdin`.writable())
  expect(await sql`select count(*)::int, sum(number)::int from copied`).toEqual([{ count: 50_000, sum: 1_249_975_000 }])

  const heard = new EventTarget()
  await sql.listen('changes', (payload) => heard.dispatchEvent(new CustomEvent('change', { detail: payload })))
  const event = once(heard, 'change')
  await sql.notify('changes', 'hello')
  expect((await event)[0].detail).toBe('hello')
})

test('a second process shares the server, and the last to close ends it', async ({ dataDir }) => {
  const first = await openEmbeddedPostgres({ dataDir })
  const second = await startUser(dataDir)
  expect([first.attached, second.attached]).toEqual([false, true])
  expect(second.url).toBe(first.url)

  await first.close()
  await using sql = connect(second.url)
  expect(await sql`select 1 as alive`).toEqual([{ alive: 1 }])
  await sql.end()

  await second.end()
  await eventually(() => expect(listProcesses(dataDir)).toEqual([]), 2_000)
})

test('close waits until the server is gone, so that the folder can be moved or removed', async ({ dataDir }) => {
  const embedded = await openEmbeddedPostgres({ dataDir })
  await Promise.all([embedded.close(), embedded.close()])
  // The keeper says so and exits.
  expect(listProcesses(dataDir).length).toBeLessThanOrEqual(1)
})

test('one process may open a folder twice and close it once', async ({ dataDir }) => {
  await using first = await openEmbeddedPostgres({ dataDir })
  const second = await openEmbeddedPostgres({ dataDir })
  await second.close()
  await using sql = connect(first.url)
  expect(await sql`select 1 as alive`).toEqual([{ alive: 1 }])
})

test('ten processes that start at once on a new folder get one server', async ({ dataDir }) => {
  const users = await Promise.all(Array.from({ length: 10 }, () => startUser(dataDir)))
  expect(users.filter(({ attached }) => !attached)).toHaveLength(1)
  expect(new Set(users.map(({ url }) => url)).size).toBe(1)
  await Promise.all(users.map((user) => user.end()))
})

test('opening while the last user closes gives a server, again and again', async ({ dataDir }) => {
  let previous = await openEmbeddedPostgres({ dataDir })
  for (let round = 0; round < 8; round++) {
    const closed = previous.close()
    const next = await openEmbeddedPostgres({ dataDir })
    await using sql = connect(next.url)
    expect(await sql`select 1 as alive`).toEqual([{ alive: 1 }])
    await closed
    previous = next
  }
  await previous.close()
})
