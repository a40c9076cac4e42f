// Whether each package, as it would be published, is described, can be installed and imported, and is typed. Needs a build.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin, listPackages, ROOT, readManifest, readText } from './packages.mjs'

/** What a README has to say, by the words its headings may use for it. */
const README_PARTS = {
  'one sentence under its name': /^# @fullon\/\S+\n\n\S[^\n]*\n\n/,
  'an install line': /npm install (--global )?@fullon\//,
  'an example': /```(ts|sh)\n/,
  guarantees: /^## (Guarantees|What (it )?(holds|keeps|guarantees))/m,
  options: /^## (Options|API)|^\|.*\bdefault\b/m,
  errors: /^## (Errors|Exit codes)/m,
  'what it is not for': /^## (Not for|What it is not for)/m,
}

const faults = listPackages().flatMap(findFaults)
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exit(1)

const box = mkdtempSync(join(tmpdir(), 'fullon-pack-'))
try {
  const published = listPackages().flatMap(({ folder }) => ['--filter', `./${folder}`])
  run(bin('pnpm'), ['--recursive', ...published, 'pack', '--pack-destination', box])
  for (const tarball of readdirSync(box).sort()) {
    run(bin('publint'), ['run', join(box, tarball), '--strict'])
    run(bin('attw'), [join(box, tarball), '--profile', 'esm-only', '--format', 'ascii'])
    console.log(`${tarball}: publint --strict and attw --profile esm-only have nothing to say`)
  }
} finally {
  rmSync(box, { recursive: true, force: true })
}

function findFaults({ folder, manifest }) {
  const { url } = readManifest('.').repository
  const home = url.replace(/^git\+|\.git$/g, '')
  const expected = {
    repository: { type: 'git', url, directory: folder },
    homepage: `${home}/tree/main/${folder}#readme`,
    bugs: `${home}/issues`,
    license: 'MIT',
    type: 'module',
    engines: readManifest('.').engines,
  }
  const wrong = Object.entries(expected)
    .filter(([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value))
    .map(([field, value]) => `"${field}": ${JSON.stringify(value)}`)
  if (!manifest.description) wrong.push('a description')
  if (!(manifest.keywords?.length > 3)) wrong.push('four keywords')
  if (manifest.publishConfig?.access !== 'public') wrong.push('"publishConfig": { "access": "public" }')
  if (!readText(join(folder, 'CHANGELOG.md'))) wrong.push('a CHANGELOG.md (npx pnpm changeset)')
  const readme = readText(join(folder, 'README.md')) ?? ''
  for (const [part, pattern] of Object.entries(README_PARTS))
    if (!pattern.test(readme)) wrong.push(`${part} in README.md`)
  if (!readText('README.md').includes(`[${manifest.name}](${folder})`)) wrong.push('its line in the root README.md')
  return wrong.map((what) => `${folder}: expected ${what}`)
}

function run(file, args) {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: ROOT, encoding: 'utf8' })
  if (status === 0) return
  console.error(stdout + stderr)
  process.exit(status ?? 1)
}
