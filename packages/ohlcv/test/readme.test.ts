import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { test } from './fixtures.js'

test('the example of the README gives what its comments say', async ({ database }) => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const code = example
    .replace("'@fullon/ohlcv'", `'${fileURLToPath(new URL('../src/index.js', import.meta.url))}'`)
    .replace(/postgres:\/\/[^']*/, database.url)
    .replace(/^await repo\.get|^await repo\.gaps/gm, 'shown[shown.length] = $&')
  const folder = await mkdtemp(join(tmpdir(), 'fullon-readme-'))
  await writeFile(join(folder, 'example.ts'), `export const shown: unknown[] = []\n${code}`)
  const { shown } = await import(join(folder, 'example.ts'))
  await rm(folder, { recursive: true })
  const since = Date.UTC(2024, 0, 1)
  const lastTwo = { since: since + 60_000, until: since + 180_000 }
  expect(shown).toEqual([[], [lastTwo], [expect.objectContaining({ timestamp: since, open: 42_300 })]])
})
