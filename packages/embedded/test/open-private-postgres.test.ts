import { expect } from 'vitest'
import { openPrivatePostgres } from '../src/index.js'
import { connect, eventually, listProcesses, test } from './server-under-test.js'

test('an outage is an outage: nobody starts it again, and what was committed is there afterwards', async ({
  dataDir,
}) => {
  await using server = await openPrivatePostgres({ dataDir })
  await using sql = connect(server.url)
  await sql`create table kept as select 42 as answer`
  await server.stop()
  expect(server.isRunning).toBe(false)
  expect(listProcesses(dataDir)).toEqual([])
  await expect(sql`select answer from kept`).rejects.toThrow()

  await server.start()
  await server.start() // it runs already
  expect(await sql`select answer from kept`).toEqual([{ answer: 42 }])
})

test('a server that ends by itself is not said to run', async ({ dataDir }) => {
  await using server = await openPrivatePostgres({ dataDir })
  for (const pid of listProcesses(dataDir)) process.kill(pid, 'SIGKILL')
  await eventually(() => expect(server.isRunning).toBe(false))
  await server.start()
  await using sql = connect(server.url)
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }])
})
