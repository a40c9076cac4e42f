// How thin the service is: `npm run lines`. Code leaves out blank lines and comments. Fails for a file that is not.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../apps/ohlcv-service/src/', import.meta.url))
const MOST_LINES = 100
const isQuiet = process.argv.includes('--quiet')
const total = { lines: 0, code: 0 }
for (const name of readdirSync(FOLDER).sort()) {
  const lines = readFileSync(FOLDER + name, 'utf8')
    .trimEnd()
    .split('\n')
  const code = lines.filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line))
  if (!isQuiet) print(name, lines.length, code.length)
  if (lines.length > MOST_LINES) {
    console.error(
      `${name}: expected at most ${MOST_LINES} lines, got ${lines.length} (what does not fit belongs in a library)`,
    )
    process.exitCode = 1
  }
  total.lines += lines.length
  total.code += code.length
}
if (!isQuiet) print('total', total.lines, total.code)

function print(name, lines, code) {
  console.log(`${name.padEnd(22)} ${String(lines).padStart(4)} lines ${String(code).padStart(4)} of code`)
}
