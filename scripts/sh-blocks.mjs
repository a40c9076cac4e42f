// The shell commands of the documents. Every block says before it whether it is run:
//   <!-- run -->                  one command a line, by scripts/run-docs.mjs
//   <!-- run, the last stays -->  the same; the last command runs until the document's end
//   <!-- run by FILE -->          by that test, which reads them from the document
//   <!-- not run: WHY -->
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readText } from './packages.mjs'

const MARKER = /^<!-- (run|run, the last stays|run by (?<test>\S+)|not run: (?<why>.+)) -->$/

export function listDocuments() {
  const docs = readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)
  const apps = readdirSync(join(ROOT, 'apps')).map((name) => `apps/${name}/README.md`)
  return ['README.md', 'CONTRIBUTING.md', ...docs, ...apps].filter((path) => path.endsWith('.md'))
}

/** @returns {{ path: string, line: number, code: string, how: 'run' | 'stays' | 'test' | 'not', why?: string }[]} */
export function readBlocks(path) {
  const lines = readText(path).split('\n')
  const starts = lines.flatMap((text, index) => (text.trim() === '```sh' ? [index] : []))
  return starts.map((start) => {
    const end = lines.indexOf('```', start + 1)
    const marker = MARKER.exec(lines[start - 1] ?? '')
    const place = { path, line: start + 1, code: lines.slice(start + 1, end).join('\n') }
    if (!marker)
      throw new Error(`${path}:${start}: expected a line that says whether this is run (scripts/sh-blocks.mjs)`)
    const { test, why } = marker.groups
    if (test && !readText(test)?.includes(path)) throw new Error(`${path}:${start}: expected ${test} to read ${path}`)
    if (test || why) return { ...place, how: test ? 'test' : 'not', why: why ?? test }
    return { ...place, how: marker[1] === 'run' ? 'run' : 'stays' }
  })
}
