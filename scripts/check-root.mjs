// The root holds a closed list of documents: plans, summaries and notes belong in commit messages.
import { readdirSync } from 'node:fs'

const ALLOWED = new Set(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE'])
const stray = readdirSync(new URL('..', import.meta.url))
  .filter((name) => /\.(md|txt|rst|adoc)$/i.test(name))
  .filter((name) => !ALLOWED.has(name))
if (stray.length > 0) {
  console.error(
    `root documents: expected only ${[...ALLOWED].join(', ')}, got ${stray.join(', ')} (move or delete them)`,
  )
  process.exit(1)
}
