import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { configureLogger } from '../src/index.js'

it('the example of the README writes what it says', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const folder = await mkdtemp(join(tmpdir(), 'fullon-readme-'))
  const path = join(folder, 'service.log')
  vi.stubEnv('LOG_FILE_PATH', path)
  vi.stubEnv('LOG_CONSOLE', 'false')
  const code = example
    .replace("'@fullon/log'", `'${fileURLToPath(new URL('../src/index.js', import.meta.url))}'`)
    .replace("'logs/service.log'", `'${path}'`)
  try {
    await writeFile(join(folder, 'example.ts'), code)
    await import(join(folder, 'example.ts'))
    const texts = await Promise.all([path, join(folder, 'service.1.log')].map((file) => readFile(file, 'utf8')))
    const lines = texts.join('').trimEnd().split('\n') // it turns rotation on half-way
    const said = JSON.parse(/^\/\/ (\{.*\})$/m.exec(example)?.[1] ?? '')
    expect(Object.keys(JSON.parse(lines[0]!))).toEqual(Object.keys(said)) // as it is printed, in that order
    const machine = { time: expect.any(Number), pid: process.pid, hostname: expect.any(String) }
    expect(JSON.parse(lines[0]!)).toEqual({ ...said, ...machine })
    expect(lines.slice(1).map((line) => JSON.parse(line))).toMatchObject([
      { level: 'error', err: { message: 'no database', cause: { message: 'connection refused' } } },
      { level: 'debug', msg: 'reaches the loggers that exist, too' },
    ])
  } finally {
    vi.unstubAllEnvs()
    configureLogger()
    await rm(folder, { recursive: true, maxRetries: 5 }) // pino-roll may just be opening its file
  }
})
