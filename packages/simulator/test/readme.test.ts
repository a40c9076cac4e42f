import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('the example of the README runs, and its newest trade is the truth’s', { timeout: 60_000 }, async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const code = example
    .replace("'@fullon/simulator'", `'${fileURLToPath(new URL('../src/index.js', import.meta.url))}'`)
    .replace("'ccxt'", `'${fileURLToPath(import.meta.resolve('ccxt'))}'`)
    .replaceAll('console.log(', 'shown.push(')
  const folder = await mkdtemp(join(tmpdir(), 'fullon-readme-'))
  await writeFile(join(folder, 'example.ts'), `export const shown: unknown[] = []\n${code}`)
  const { shown } = await import(join(folder, 'example.ts'))
  await rm(folder, { recursive: true })
  expect(shown).toEqual([true])
})
