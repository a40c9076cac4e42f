// The packages as they would be published: packed, and installed with npm into an empty folder. Needs a build.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { bin, listPackages, ROOT, readText } from './packages.mjs'

const PACKAGES = new Map(listPackages().map((listed) => [basename(listed.folder), listed]))

export function packAll(box) {
  const filters = [...PACKAGES.values()].flatMap(({ folder }) => ['--filter', `./${folder}`])
  run(bin('pnpm'), ['--recursive', ...filters, 'pack', '--pack-destination', box], ROOT)
}

/** The first block of TypeScript in its README, and what else the reader is told to install. */
export function readExample(name) {
  const readme = readText(join(PACKAGES.get(name).folder, 'README.md')) ?? ''
  const [, others = ''] = /npm install (?:--global )?@fullon\/\S+(.*)/.exec(readme) ?? []
  return { code: /```ts\n([\s\S]*?)```/.exec(readme)?.[1], others: others.split(' ').filter(Boolean) }
}

/** Nothing but the package, what it depends on, and `others` from the registry. */
export function installInto(folder, box, name, others) {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const needed = withDependencies(name)
  const tarballs = needed.map((one) => join(box, `fullon-${one}-${PACKAGES.get(one).manifest.version}.tgz`))
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', '--engine-strict']
  run('npm', ['install', ...flags, ...tarballs, ...others.map(pinned)], folder)
  const found = readdirSync(join(folder, 'node_modules', '@fullon'))
  if (found.sort().join() !== needed.sort().join()) fail(`${name}: expected to need ${needed}, got ${found}`)
}

/** With the types that the package ships; `await using` is lowered for Node 20. */
export function compile(folder, { skipLibCheck }) {
  const types = join(createRequire(import.meta.url).resolve('@types/node/package.json'), '..', '..')
  const target = ['--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--module', 'nodenext']
  const checks = ['--strict', '--skipLibCheck', String(skipLibCheck), '--typeRoots', types, '--types', 'node']
  run(bin('tsc'), [...target, ...checks, 'example.ts'], folder)
}

/** Of our packages, those that `name` needs, itself included. */
function withDependencies(name) {
  const names = Object.keys(PACKAGES.get(name).manifest.dependencies ?? {}).filter((one) => one.startsWith('@fullon/'))
  return [...new Set([name, ...names.flatMap((one) => withDependencies(one.replace('@fullon/', '')))])]
}

/** As everywhere in this repository, so that a release of others does not change what is tried here. */
function pinned(name) {
  const catalog = readText('pnpm-workspace.yaml')
  return `${name}@${new RegExp(`^  "?${name}"?: ([^ \n]+)`, 'm').exec(catalog)?.[1] ?? 'latest'}`
}

function run(file, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8' })
  if (status !== 0) fail(`${file} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`)
}

function fail(message) {
  throw new Error(`packed: ${message}`)
}
