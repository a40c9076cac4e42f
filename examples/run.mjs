// `npm run example NAME`; without a name, which there are.
import { readdirSync } from 'node:fs'

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts') && file !== 'vitest.config.ts')
  .map((file) => file.slice(0, -3))
const [name] = process.argv.slice(2)
if (names.includes(name)) await import(`./${name}.ts`)
else {
  console.error(`example: expected ${names.join(', ')}, got ${name ?? 'nothing'}`)
  process.exitCode = 2
}
