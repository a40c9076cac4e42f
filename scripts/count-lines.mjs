// How thin the service is: `npm run lines`. Statements leave out blank lines, comments, imports and types.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../apps/ohlcv-service/src/', import.meta.url))
const total = { lines: 0, statements: 0 }
for (const name of readdirSync(FOLDER).sort()) {
  const lines = readFileSync(FOLDER + name, 'utf8')
    .trimEnd()
    .split('\n')
  const statements = countStatements(lines)
  print(name, lines.length, statements)
  total.lines += lines.length
  total.statements += statements
}
print('total', total.lines, total.statements)

function countStatements(lines) {
  let count = 0
  let until // the line that ends an import or a type
  for (const text of lines.map((line) => line.trim())) {
    if (until) {
      if (until.test(text)) until = undefined
    } else if (text === '' || /^(\/\/|\/?\*)/.test(text)) {
      // a comment
    } else if (text.startsWith('import ')) {
      if (!/'$/.test(text)) until = /'$/
    } else if (/^(export )?(interface|type) /.test(text)) {
      if (text.endsWith('{')) until = /^}/
    } else count++
  }
  return count
}

function print(name, lines, statements) {
  console.log(`${name.padEnd(22)} ${String(lines).padStart(4)} lines ${String(statements).padStart(4)} statements`)
}
