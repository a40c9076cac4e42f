import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const sourceOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

it('has a README whose example gives what its comment says', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const code = example
    .replace("'@fullon/daemon'", `'${sourceOf('../src/index.js')}'`)
    .replace("'@fullon/market'", `'${sourceOf('../../market/src/index.js')}'`)
    .replace(/^await \(await fetch/m, 'export const shown = await (await fetch')
  const folder = await mkdtemp(join(tmpdir(), 'fullon-readme-'))
  await writeFile(join(folder, 'example.ts'), code)
  const { shown } = await import(join(folder, 'example.ts'))
  await rm(folder, { recursive: true })
  expect(shown).toEqual({ healthy: true, late: [] })
})
