// The packages of this repository that are published, for the checks beside this file.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** @returns {{ folder: string, name: string, manifest: Record<string, any> }[]} */
export function listPackages() {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`))
    .sort()
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest && !manifest.private)
    .map(({ folder, manifest }) => ({ folder, name: manifest.name, manifest }))
}

export function readManifest(folder) {
  const text = readText(join(folder, 'package.json'))
  return text === undefined ? undefined : JSON.parse(text)
}

/** A file of the repository; undefined when it is not there. */
export function readText(path) {
  try {
    return readFileSync(join(ROOT, path), 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  }
}

export function bin(name) {
  return join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)
}
