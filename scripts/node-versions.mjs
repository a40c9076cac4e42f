// Other versions of Node than the one that runs, from the npm registry.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PLATFORM = process.platform === 'win32' ? 'win' : process.platform
const CURRENT = process.versions.node.split('.')[0]

/**
 * @param {string[]} majors such as `['20', '22']`
 * @param {string} folder that may be filled
 * @returns {{ version: string, node: string }[]} `node` is the program
 */
export function installNodes(majors, folder) {
  const missing = majors.filter((major) => major !== CURRENT)
  if (missing.length > 0) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    // The package `node` fetches these in an install script; so none has to run.
    const packages = missing.map((major) => `node${major}@npm:node-${PLATFORM}-${process.arch}@${major}`)
    npm(['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], folder)
  }
  return majors.map((major) => {
    const installed = join(folder, 'node_modules', `node${major}`, 'bin', PLATFORM === 'win' ? 'node.exe' : 'node')
    const node = major === CURRENT ? process.execPath : installed
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
    if (!stdout?.startsWith(`v${major}.`)) throw new Error(`node ${major}: expected its version, got ${stdout}`)
    return { version: stdout.trim(), node }
  })
}

function npm(args, cwd) {
  const windows = process.platform === 'win32'
  const { status, stderr } = spawnSync(windows ? 'npm.cmd' : 'npm', args, { cwd, encoding: 'utf8', shell: windows })
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: exit code ${status}\n${stderr}`)
}
