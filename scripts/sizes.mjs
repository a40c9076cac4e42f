// What installing each package costs, as its README says; `--write` puts the present numbers there. Needs a build.
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listPackages, ROOT, readText } from './packages.mjs'

/** Growth below both is not worth a change of the README; a new dependency always is. */
const TOLERANCE = { share: 0.1, bytes: 200_000 }
/** The fenced block with the install command. */
const AFTER_INSTALL = /```sh\nnpm install [\s\S]*?\n```\n/
const STATED = /^Installed: (\d+) dependenc(?:y|ies), ([\d.]+) MB\.$/m

if (`${process.platform}-${process.arch}` !== 'linux-x64') {
  console.log('sizes: skipped, they are stated for linux-x64 and the embedded Postgres is another size elsewhere')
  process.exit(0)
}
const outdated = listPackages().filter((listed) => !isStated(listed))
if (outdated.length > 0 && !process.argv.includes('--write')) {
  console.error('sizes: expected the READMEs to say what is installed (npm run sizes -- --write)')
  process.exit(1)
}

function isStated({ folder, name }) {
  const found = findInstalled(join(ROOT, folder))
  const bytes = [...found.values()].reduce((sum, size) => sum + size, 0)
  const line = `Installed: ${found.size - 1} ${found.size === 2 ? 'dependency' : 'dependencies'}, ${megabytes(bytes)} MB.`
  const path = join(folder, 'README.md')
  const readme = readText(path)
  const [said, count, size] = STATED.exec(readme) ?? []
  const drift = Math.abs(Number(size) * 1e6 - bytes)
  const same = Number(count) === found.size - 1 && drift <= Math.max(TOLERANCE.bytes, TOLERANCE.share * bytes)
  console.log(`${name.padEnd(22)} ${line}${same ? '' : ` README.md: ${said ?? 'no such line'}`}`)
  if (!same && process.argv.includes('--write')) {
    writeFileSync(
      join(ROOT, path),
      readme.replace(said ?? AFTER_INSTALL, (text) => (said ? line : `${text}\n${line}\n`)),
    )
  }
  return same
}

/** @returns the bytes of a package and of everything that is installed with it, by name and version. */
function findInstalled(folder, found = new Map()) {
  const real = realpathSync(folder)
  const manifest = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8'))
  const id = `${manifest.name}@${manifest.version}`
  if (found.has(id)) return found
  found.set(
    id,
    sizeOf(real, real.includes('node_modules') ? undefined : [...manifest.files, 'package.json', 'README.md']),
  )
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const dependency = findUp(real, name)
    if (dependency) findInstalled(dependency, found) // else an optional one, for another platform
  }
  return found
}

function findUp(folder, name) {
  const path = join(folder, 'node_modules', name)
  if (existsSync(path)) return path
  return dirname(folder) === folder ? undefined : findUp(dirname(folder), name)
}

/** Of files, not of what the disk takes for them; `only` of the top folder, without what is left out of a package. */
function sizeOf(path, only) {
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.isFile() ? stat.size : 0
  return readdirSync(path)
    .filter((name) => (only ? only.includes(name) : name !== 'node_modules' && name !== '.tsbuildinfo'))
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)
}
