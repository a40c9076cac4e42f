// Breaks one line at a time and shows that a test notices: `npm run mutate`, or `npm run mutate -- NAME …`.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** `find` stands once in `file`; `tests` go red when it is replaced. */
const MUTATIONS = [
  {
    name: 'forming-candle-stored-as-closed',
    file: 'packages/exchange/src/candle-stream.ts',
    find: '    this.#forming = candle\n  }',
    replace: '    this.#close(candle)\n  }',
    tests: ['packages/exchange/test/candle-stream.test.ts', 'packages/exchange/test/kraken.test.ts'],
  },
  {
    name: 'trades-paged-by-last-plus-one-ms',
    file: 'packages/exchange/src/trade-page.ts',
    find: 'source.limit ? lastTime(answer) : Number',
    replace: 'source.limit ? lastTime(answer) + 1 : Number',
    tests: ['packages/exchange/test/trade-page.test.ts'],
  },
  {
    name: 'coverage-claimed-across-a-reconnect',
    file: 'packages/exchange/src/stream.ts',
    find: '    if (this.#failure) throw this.#failure.error\n',
    replace: '    if (this.#failure) {\n      this.#failure = undefined\n      void this.#subscribe()\n    }\n',
    tests: ['packages/exchange/test/kraken.test.ts'],
  },
  {
    name: 'coverage-claimed-across-trades-that-are-missing',
    file: 'packages/exchange/src/trade-stream.ts',
    find: '    this.#since = undefined\n    this.#newest = Number.NEGATIVE_INFINITY\n',
    replace: '',
    tests: ['packages/exchange/test/trade-stream.test.ts'],
  },
  {
    name: 'provisional-answer-changes-what-is-final',
    file: 'packages/ohlcv/src/save-page.ts',
    find: 'unionSpans(confirmed, subtractSpans([window], stored.confirmed))',
    replace: '[window]',
    tests: ['packages/ohlcv/test/save-candles.test.ts'],
  },
]

const wanted = process.argv.slice(2)
const chosen = MUTATIONS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
if (chosen.length === 0) {
  console.error(`mutate: expected names of ${MUTATIONS.map(({ name }) => name).join(', ')}, got ${wanted.join(', ')}`)
  process.exit(2)
}
const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))]
if (vitest(tests).status !== 0) {
  console.error(`mutate: expected ${tests.join(' ')} to pass unbroken`)
  process.exit(2)
}
const survived = chosen.filter((mutation) => !isNoticed(mutation))
console.log(`${chosen.length - survived.length} of ${chosen.length} mutations were noticed`)
process.exitCode = survived.length > 0 ? 1 : 0

function isNoticed({ name, file, find, replace, tests }) {
  const path = join(ROOT, file)
  const source = readFileSync(path, 'utf8')
  if (source.split(find).length !== 2) {
    console.error(`mutate: expected ${JSON.stringify(find)} once in ${file} (the code moved: change ${name} with it)`)
    process.exit(2)
  }
  writeFileSync(
    path,
    source.replace(find, () => replace),
  )
  try {
    const { status, output } = vitest(tests)
    const [failed = ''] = /FAIL .*/.exec(output) ?? []
    console.log(`${status === 0 ? 'SURVIVED' : 'noticed '} ${name}  ${failed}`)
    return status !== 0
  } finally {
    writeFileSync(path, source)
  }
}

function vitest(files) {
  const args = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...files]
  const env = { ...process.env, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', env })
  return { status, output: stdout + stderr }
}
