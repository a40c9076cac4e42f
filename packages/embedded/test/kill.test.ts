import { spawn } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openDataFolder } from '../src/data-folder.js'
import { openEmbeddedPostgres } from '../src/index.js'
import { openNative } from '../src/native.js'
import { readPostmasterFile } from '../src/postmaster-file.js'
import { asServer } from '../src/run-program.js'
import { findServerAccount } from '../src/server-account.js'
import { listSettings } from '../src/settings.js'
import {
  connect,
  eventually,
  keeperPid,
  kill,
  listProcesses,
  postmasterPid,
  startUser,
  test,
} from './server-under-test.js'

test('a killed process takes its server along, and every committed row is there the next time', async ({ dataDir }) => {
  const user = await startUser(dataDir)
  await commitRow(user.url)
  kill(user.child.pid!)
  await eventually(() => expect(listProcesses(dataDir)).toEqual([]), 5_000)
  await expectRow(dataDir)
})

test('a killed process does not take the server from another one', async ({ dataDir }) => {
  const killed = await startUser(dataDir)
  await using embedded = await openEmbeddedPostgres({ dataDir })
  await using sql = connect(embedded.url)
  await sql`select 1`
  const pid = postmasterPid(dataDir)
  kill(killed.child.pid!)
  await eventually(() => expect(killed.child.signalCode).toBe('SIGKILL'))
  expect(await sql`select 1 as alive`).toEqual([{ alive: 1 }])
  expect(postmasterPid(dataDir)).toBe(pid)
})

test('a killed postmaster comes back at the same url while someone uses it', async ({ dataDir }) => {
  await using embedded = await openEmbeddedPostgres({ dataDir })
  await commitRow(embedded.url)
  kill(postmasterPid(dataDir))
  await eventually(() => countRows(embedded.url))
})

test('a killed keeper comes back, with the server, while someone uses it', async ({ dataDir }) => {
  const warnings: string[] = []
  const logger = { info: () => {}, warn: (_: object, message: string) => warnings.push(message) }
  await using embedded = await openEmbeddedPostgres({ dataDir, logger })
  await commitRow(embedded.url)
  const before = keeperPid(dataDir)
  kill(before)
  await eventually(() => expect(keeperPid(dataDir)).not.toBe(before))
  await eventually(() => countRows(embedded.url))
  expect(warnings).toEqual(['embedded Postgres lost, starting it again'])
})

test('a server that cannot start comes back once what was wrong is right', async ({ dataDir }) => {
  const warnings: string[] = []
  const logger = { info: () => {}, warn: (_: object, message: string) => warnings.push(message) }
  await using embedded = await openEmbeddedPostgres({ dataDir, logger })
  await commitRow(embedded.url)
  const needed = join(dataDir, 'pgdata', 'global', 'pg_control')
  renameSync(needed, `${needed}.away`)
  kill(postmasterPid(dataDir))
  await eventually(() => expect(warnings).toHaveLength(1))
  renameSync(`${needed}.away`, needed)
  await eventually(() => countRows(embedded.url))
})

test('the next open works when user and keeper are killed, and there is one server', async ({ dataDir }) => {
  const user = await startUser(dataDir)
  await commitRow(user.url)
  const keeper = keeperPid(dataDir)
  kill(user.child.pid!)
  kill(keeper)
  await expectRow(dataDir)
})

test('the next open works when user, keeper and postmaster are killed at once', async ({ dataDir }) => {
  const user = await startUser(dataDir)
  await commitRow(user.url)
  const pids = [user.child.pid!, keeperPid(dataDir), postmasterPid(dataDir)]
  for (const pid of pids) kill(pid)
  await expectRow(dataDir)
})

test('the next open works when the number in postmaster.pid is now that of another program', async ({ dataDir }) => {
  const user = await startUser(dataDir)
  await commitRow(user.url)
  const pids = [user.child.pid!, keeperPid(dataDir), postmasterPid(dataDir)]
  for (const pid of pids) kill(pid)
  await eventually(() => expect(listProcesses(dataDir)).toEqual([]))
  // As after a restart of the machine: a program of the same user has the number.
  const other = spawn('sleep', ['60'], asServer(findServerAccount(join(dataDir, 'pgdata'))))
  writeFileSync(join(dataDir, 'pgdata', 'postmaster.pid'), `${other.pid}\n${dataDir}/pgdata\n1700000000\n5432\n`)
  writeFileSync(join(dataDir, 'run', '.s.PGSQL.5432.lock'), `${other.pid}\n`)
  await expectRow(dataDir).finally(() => other.kill())
})

test('the next open waits for a server that is still shutting down', async ({ dataDir }) => {
  const user = await startUser(dataDir)
  await commitRow(user.url)
  const server = postmasterPid(dataDir)
  const keeper = keeperPid(dataDir)
  process.kill(server, 'SIGSTOP')
  kill(user.child.pid!)
  kill(keeper)
  const opened = openEmbeddedPostgres({ dataDir })
  process.kill(server, 'SIGCONT')
  await using embedded = await opened
  await countRows(embedded.url)
})

test('a server that outlived its keeper is adopted, with the connections it has, and ended in the end', async ({
  dataDir,
}) => {
  await (await openEmbeddedPostgres({ dataDir })).close()
  const orphan = await startOrphan(dataDir)
  const embedded = await openEmbeddedPostgres({ dataDir })
  await commitRow(embedded.url)
  expect(postmasterPid(dataDir)).toBe(orphan)
  await embedded.close()
  await eventually(() => expect(listProcesses(dataDir)).toEqual([]))
})

/** A server without a parent that would end it, as a killed keeper leaves behind where there is no setpriv. */
async function startOrphan(dataDir: string): Promise<number> {
  const folder = await openDataFolder(dataDir)
  const account = findServerAccount(folder.cluster)
  const native = await openNative(folder, account)
  const settings = listSettings(folder, { ephemeral: false }).flatMap((setting) => ['-c', setting])
  const child = spawn(native.program('postgres'), ['-D', folder.cluster, ...settings], {
    ...asServer(account),
    stdio: 'ignore',
  })
  await eventually(async () => expect(await readPostmasterFile(folder.cluster)).toMatchObject({ isReady: true }))
  return child.pid!
}

async function commitRow(url: string): Promise<void> {
  await using sql = connect(url)
  await sql`create table kept as select 42 as answer`
}

async function countRows(url: string): Promise<void> {
  await using sql = connect(url)
  expect(await sql`select answer from kept`).toEqual([{ answer: 42 }])
}

async function expectRow(dataDir: string): Promise<void> {
  await using embedded = await openEmbeddedPostgres({ dataDir })
  await countRows(embedded.url)
}
