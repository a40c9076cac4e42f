import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { test } from './database.js'

test('the example of the README does what it says', async ({ url, sql }) => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const code = example
    .replace("'@fullon/orm'", `'${fileURLToPath(new URL('../src/index.js', import.meta.url))}'`)
    .replace(/postgres:\/\/[^']*/, url)
    .replace('console.log(', 'shown.push(')
  const folder = await mkdtemp(join(tmpdir(), 'fullon-readme-'))
  await writeFile(join(folder, 'example.ts'), `export const shown: unknown[] = []\n${code}`)
  const { shown } = await import(join(folder, 'example.ts'))
  await rm(folder, { recursive: true })
  expect(shown.filter((value: unknown) => typeof value === 'string')).toEqual([
    'users',
    'cat_exchanges',
    'cat_exchanges_params',
    'exchanges',
    'symbols',
  ])
  expect(await sql`select symbol, backtest from symbols`).toEqual([{ symbol: 'BTC/USD', backtest: 30 }])
})
