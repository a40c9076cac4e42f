// The root holds a closed list of files: plans, summaries and notes belong in commit messages.
import { execFileSync } from 'node:child_process'
import { ROOT } from './packages.mjs'

const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE']
const FOLDERS = ['.changeset', '.ci', '.github', 'apps', 'deploy', 'docs', 'examples', 'packages', 'scripts']
const OPERATION = ['Dockerfile', '.dockerignore', 'compose.yaml', '.env.example']
const TOOLS = [
  '.gitignore',
  'biome.json',
  'knip.json',
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'turbo.json',
]
const TYPESCRIPT = [
  'tsconfig.base.json',
  'tsconfig.check.json',
  'tsconfig.json',
  'vitest.config.ts',
  'vitest.shared.ts',
]
const ALLOWED = new Set([...DOCUMENTS, ...FOLDERS, ...OPERATION, ...TOOLS, ...TYPESCRIPT])

/** What git has or would add; without git (a tarball of the sources) there is nothing to add to. */
function listRoot() {
  try {
    const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT })
    return [
      ...new Set(
        paths
          .toString()
          .split('\0')
          .filter(Boolean)
          .map((path) => path.split('/')[0]),
      ),
    ]
  } catch {
    return []
  }
}

const stray = listRoot().filter((name) => !ALLOWED.has(name))
if (stray.length > 0) {
  console.error(`root: expected only ${[...ALLOWED].join(', ')}, got ${stray.join(', ')} (move or delete them)`)
  process.exit(1)
}
