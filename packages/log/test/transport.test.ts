import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { configureLogger, getComponentLogger } from '../src/index.js'

it('hands its lines, rid of secrets, to a transport of pino that rotates', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fullon-log-'))
  try {
    const destination = pino.transport({ target: 'pino-roll', options: { file: join(folder, 'service'), size: '4k' } })
    await once(destination, 'ready')
    configureLogger({ destination })
    const log = getComponentLogger('fullon.exchange')
    let count = 0
    while (count < 100 || readdirSync(folder).length < 2) {
      log.info({ index: count++, apiKey: 'hidden' }, 'page')
      await new Promise((resolve) => setImmediate(resolve)) // it begins a file between turns only
    }
    destination.end()
    await once(destination, 'close')
    const files = readdirSync(folder)
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('')
    const read = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(read.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
    expect(new Set(read.map(({ apiKey }) => apiKey))).toEqual(new Set(['[redacted]']))
  } finally {
    configureLogger()
    rmSync(folder, { recursive: true, force: true })
  }
})
