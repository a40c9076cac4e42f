import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { DataFolder } from './data-folder.js'
import type { Native } from './native.js'
import { runProgram } from './run-program.js'
import { passwordFile } from './server-url.js'
import { listSettings } from './settings.js'

// Nothing here has run: it is written from the manuals. The folder is below %LOCALAPPDATA%, which others cannot read.

/** Arguments of initdb that set the role's password, which is kept in a file. */
export async function listPasswordArguments(folder: DataFolder): Promise<string[]> {
  const file = passwordFile(folder)
  await writeFile(file, randomBytes(24).toString('hex'))
  return ['--auth=scram-sha-256', `--pwfile=${file}`]
}

/** Starts through pg_ctl, which drops the rights of an administrator: postgres refuses to run with them. */
export async function startOnWindows(folder: DataFolder, native: Native, ephemeral: boolean): Promise<boolean> {
  const settings = listSettings(folder, { ephemeral, port: await keepPort(folder) })
  const pgCtl = [native.program('pg_ctl'), 'start', '-w', '-D', folder.cluster, '-l', folder.log]
  return (await runProgram([...pgCtl, '-o', settings.map((setting) => `-c ${setting}`).join(' ')])).ok
}

export async function stopOnWindows(folder: DataFolder, native: Native): Promise<void> {
  await runProgram([native.program('pg_ctl'), 'stop', '-w', '-m', 'fast', '-D', folder.cluster])
}

/** The same port at every start, so that a url stays right when the server is started again. */
async function keepPort(folder: DataFolder): Promise<number> {
  const file = join(folder.root, 'port')
  if (!existsSync(file)) await writeFile(file, String(await findFreePort()))
  return Number(await readFile(file, 'utf8'))
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
