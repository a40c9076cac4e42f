// Whether each package, as it would be published, can be installed and imported. Needs a build.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(ROOT, 'node_modules', '.bin', name)

const box = mkdtempSync(join(tmpdir(), 'fullon-pack-'))
try {
  run(bin('pnpm'), [
    '--recursive',
    '--filter',
    './packages/*',
    '--filter',
    './apps/*',
    'pack',
    '--pack-destination',
    box,
  ])
  for (const tarball of readdirSync(box).sort()) run(bin('publint'), ['run', join(box, tarball), '--strict'])
} finally {
  rmSync(box, { recursive: true, force: true })
}

function run(file, args) {
  const { status } = spawnSync(file, args, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
