// How thin the service is: `npm run lines`. Code leaves out blank lines and comments.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../apps/ohlcv-service/src/', import.meta.url))
const total = { lines: 0, code: 0 }
for (const name of readdirSync(FOLDER).sort()) {
  const lines = readFileSync(FOLDER + name, 'utf8')
    .trimEnd()
    .split('\n')
  const code = lines.filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line))
  print(name, lines.length, code.length)
  total.lines += lines.length
  total.code += code.length
}
print('total', total.lines, total.code)

function print(name, lines, code) {
  console.log(`${name.padEnd(22)} ${String(lines).padStart(4)} lines ${String(code).padStart(4)} of code`)
}
