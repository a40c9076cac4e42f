import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('has a README whose example runs and shows what its comments say', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const code = example
    .replace("'@fullon/cache'", `'${fileURLToPath(new URL('../src/index.js', import.meta.url))}'`)
    .replaceAll('console.log(', 'shown.push(')
  const folder = await mkdtemp(join(tmpdir(), 'fullon-readme-'))
  await writeFile(join(folder, 'example.ts'), `export const shown: unknown[] = []\n${code}`)
  const { shown } = await import(join(folder, 'example.ts'))
  await rm(folder, { recursive: true })
  expect(shown).toEqual([
    expect.objectContaining({ healthy: true, totalProcesses: 1 }),
    42_300.5,
    [expect.objectContaining({ timestamp: Date.UTC(2024, 0, 1), close: 2 })],
  ])
})
