import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'vitest'
import { connectKeeper } from '../src/keeper-socket.js'
import { eventually, kill, test } from './server-under-test.js'

// Listens, and never takes a connection: those who come wait until it dies.
const LISTEN = `
  const server = require('node:net').createServer()
  server.listen(process.argv[1], () => {
    process.stdout.write('listens')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`

test('a keeper that is killed before it takes the connection is none', async ({ dataDir }) => {
  let number = 0
  // Now and then the connection counts as made, and is reset at the first read.
  await eventually(async () => expect(await connectToDying(dataDir, ++number)).toBeUndefined())
})

async function connectToDying(run: string, number: number): Promise<unknown> {
  const path = join(run, `keeper.${number}`)
  const keeper = spawn(process.execPath, ['-e', LISTEN, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(keeper.stdout, 'data')
  const connecting = connectKeeper(run)
  // Between the call and what came of it, which the next turn tells.
  while (!process.getActiveResourcesInfo().some((name) => name.endsWith('ConnectWrap'))) await nextTurn()
  if (keeper.pid) kill(keeper.pid)
  while (!/\) [ZX] /.test(readFileSync(`/proc/${keeper.pid}/stat`, 'utf8'))) {}
  const socket = await connecting
  socket?.on('error', () => {})
  return socket
}
