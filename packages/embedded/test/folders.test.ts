import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { openEmbeddedPostgres } from '../src/index.js'
import { installPackage } from './installed-package.js'
import { connect, startUser, test } from './server-under-test.js'

const IS_ROOT = process.getuid?.() === 0
// Other users start programs of this checkout, so they must be able to read it; under a folder of mode 700 they cannot.
const CAN_BE_OTHERS = IS_ROOT && isReadableByOthers(import.meta.dirname)
const NOBODY = asUser(65_534)

describe('binaries', () => {
  test('the built package runs where install scripts are blocked: it makes the links itself', async ({ dataDir }) => {
    const { library, native } = installPackage(inside(dataDir, 'app', 0o755))
    const user = await startUser(join(dataDir, 'data'), { library })
    await expectAlive(user.url)
    await user.end()
    expect(lstatSync(join(native, 'lib', 'libpq.so.5')).isSymbolicLink()).toBe(true)
    expect(existsSync(join(dataDir, 'data', 'native'))).toBe(false)
  })

  test.skipIf(!IS_ROOT)('they are copied when they lie in a home that is closed to others', async ({ dataDir }) => {
    const { library } = installPackage(inside(dataDir, 'home', 0o700))
    const user = await startUser(join(dataDir, 'data'), { library })
    await expectAlive(user.url)
    await user.end()
    expect(readdirSync(join(dataDir, 'data', 'native'))).toHaveLength(1)
  })

  test.skipIf(!CAN_BE_OTHERS)('they are copied when an ordinary user cannot write the package', async ({ dataDir }) => {
    const { library, native } = installPackage(inside(dataDir, 'app', 0o755))
    const user = await startUser(inside(dataDir, 'data', 0o700, 65_534), { as: NOBODY, library })
    await user.end()
    expect(existsSync(join(native, 'lib', 'libpq.so.5'))).toBe(false)
    expect(readdirSync(join(dataDir, 'data', 'native'))).toHaveLength(1)
  })
})

describe('users', () => {
  test.skipIf(!CAN_BE_OTHERS)(
    'an ordinary user has a server of their own, which root may attach to',
    async ({ dataDir }) => {
      const folder = inside(dataDir, 'data', 0o700, 65_534)
      const user = await startUser(folder, { as: NOBODY })
      await using embedded = await openEmbeddedPostgres({ dataDir: folder })
      expect(embedded.attached).toBe(true)
      await expectAlive(embedded.url)
      await user.end()
    },
  )

  test.skipIf(!CAN_BE_OTHERS)(
    'no other user gets at the data of root, not even the one the server runs as',
    async ({ dataDir }) => {
      await using embedded = await openEmbeddedPostgres({ dataDir })
      expect(embedded.attached).toBe(false)
      expect(() => connectAs(65_534, embedded.url)).toThrow('Peer authentication failed')
      expect(() => connectAs(1, embedded.url)).toThrow('EACCES')
    },
  )
})

describe('data folders', () => {
  test('a path that is too long for a socket works through a folder in /tmp', async ({ dataDir }) => {
    const long = join(dataDir, 'x'.repeat(100))
    const embedded = await openEmbeddedPostgres({ dataDir: long })
    await expectAlive(embedded.url)
    await embedded.close()
    expect(existsSync(join(long, 'run'))).toBe(false)
    rmSync(decodeURIComponent(new URL(embedded.url).hostname).replace(/,$/, ''), { recursive: true })
  })

  test('a path with spaces, commas, apostrophes, percent signs and umlauts works', async ({ dataDir }) => {
    await using embedded = await openEmbeddedPostgres({ dataDir: join(dataDir, `o'dd, Ä?#%41@:&`) })
    await expectAlive(embedded.url)
  })

  test('a file in place of the folder is refused, with what to do', async ({ dataDir }) => {
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    await expect(openEmbeddedPostgres({ dataDir: file })).rejects.toMatchObject({
      code: 'UNUSABLE_FOLDER',
      message: `data folder: expected a folder that can be written, got ${file} (set FULLON_DATA_DIR to another one)`,
    })
  })

  test('data of another major version are refused and left alone', async ({ dataDir }) => {
    mkdirSync(join(dataDir, 'pgdata'))
    writeFileSync(join(dataDir, 'pgdata', 'PG_VERSION'), '17\n')
    if (IS_ROOT) chownSync(join(dataDir, 'pgdata'), 65_534, 65_534)
    await expect(openEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      code: 'WRONG_VERSION',
      message: expect.stringMatching(/expected those of PostgreSQL 18, got those of 17 .*set FULLON_DATA_DIR/),
    })
    expect(readdirSync(join(dataDir, 'pgdata'))).toEqual(['PG_VERSION'])
  })

  test('data that Postgres cannot read give its own words', async ({ dataDir }) => {
    await (await openEmbeddedPostgres({ dataDir })).close()
    writeFileSync(join(dataDir, 'pgdata', 'global', 'pg_control'), 'nonsense')
    await expect(openEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(/pg_control/),
    })
  })

  test.skipIf(!IS_ROOT)(
    'a folder that the server cannot get to names the parent that is closed',
    async ({ dataDir }) => {
      const parent = inside(dataDir, 'root', 0o700)
      await expect(openEmbeddedPostgres({ dataDir: join(parent, 'data') })).rejects.toMatchObject({
        code: 'UNUSABLE_FOLDER',
        message: expect.stringContaining(`got ${parent} closed to it (set FULLON_DATA_DIR to a folder such as`),
      })
    },
  )

  test.skipIf(!IS_ROOT)('an empty folder as mktemp gives it to root works', async ({ dataDir }) => {
    await using embedded = await openEmbeddedPostgres({ dataDir: inside(dataDir, 'private', 0o700) })
    await expectAlive(embedded.url)
  })

  test.skipIf(!CAN_BE_OTHERS)('a folder that root used is refused to others with what to do', async ({ dataDir }) => {
    await (await openEmbeddedPostgres({ dataDir })).close()
    await expect(startUser(dataDir, { as: NOBODY })).rejects.toThrow('run as the user it belongs to')
  })

  test.skipIf(!CAN_BE_OTHERS)("someone else's data are refused with whose they are", async ({ dataDir }) => {
    const folder = inside(dataDir, 'data', 0o777)
    inside(folder, 'pgdata', 0o700, 1)
    await expect(startUser(folder, { as: NOBODY })).rejects.toThrow('to belong to user 65534, got user 1 ')
  })
})

/** A new folder with exactly this mode. */
function inside(parent: string, name: string, mode: number, owner = process.getuid?.() ?? 0): string {
  const folder = join(parent, name)
  mkdirSync(folder)
  chmodSync(folder, mode)
  if (IS_ROOT) chownSync(folder, owner, owner)
  return folder
}

async function expectAlive(url: string): Promise<void> {
  await using sql = connect(url)
  expect(await sql`select 1 as alive`).toEqual([{ alive: 1 }])
}

function asUser(uid: number): string[] {
  return ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups']
}

/** What a stranger would run. */
function connectAs(uid: number, url: string): void {
  const program = `import(${JSON.stringify(import.meta.resolve('postgres'))})
    .then(({ default: postgres }) => postgres(${JSON.stringify(url)}).unsafe('select 1'))
    .then(() => process.exit(0), (error) => { console.error(error); process.exit(1) })`
  const [command = '', ...args] = [...asUser(uid), process.execPath, '-e', program]
  execFileSync(command, args, { stdio: 'pipe' })
}

function isReadableByOthers(folder: string): boolean {
  try {
    execFileSync('ls', [folder], { uid: 65_534, gid: 65_534, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
