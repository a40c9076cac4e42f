import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// Breaks one line at a time and shows that the fault suite notices: `pnpm --filter @fullon/exchange faults:mutate`.

interface Mutation {
  readonly name: string
  readonly file: string
  /** Stands once in `file`. */
  readonly find: string
  readonly replace: string
}

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the forming candle is stored as closed',
    file: 'candle-stream.ts',
    find: '    this.#forming = candle\n  }',
    replace: '    this.#close(candle)\n  }',
  },
  {
    name: 'trades are paged by last + 1 ms',
    file: 'trade-page.ts',
    find: 'source.limit ? lastTime(answer) : Number',
    replace: 'source.limit ? lastTime(answer) + 1 : Number',
  },
  {
    name: 'coverage is claimed across a break',
    file: 'trade-stream.ts',
    find: '    this.#since = undefined\n    this.#newest = Number.NEGATIVE_INFINITY\n',
    replace: '',
  },
  {
    name: 'a row inside one batch is dropped',
    file: 'trade-stream.ts',
    find: '    const rows = this.#held.splice(0, count)\n',
    replace: '    const rows = this.#held.splice(0, count)\n    if (rows.length > 2) rows.splice(1, 1)\n',
  },
]
const ARGS = ['--conditions=@fullon/source', '--import', 'tsx', path('main.ts'), '--seeds', '8', '--jobs', '4']

const survived = MUTATIONS.filter((mutation) => !isNoticed(mutation))
process.stdout.write(`${MUTATIONS.length - survived.length} of ${MUTATIONS.length} mutations were noticed\n`)
process.exitCode = survived.length > 0 ? 1 : 0

function isNoticed({ name, file, find, replace }: Mutation): boolean {
  const target = path(`../src/${file}`)
  const source = readFileSync(target, 'utf8')
  if (source.split(find).length !== 2)
    throw new RangeError(
      `${name}: expected ${JSON.stringify(find)} once in src/${file} (the code moved: change it here)`,
    )
  writeFileSync(
    target,
    source.replace(find, () => replace),
  )
  try {
    const { status, stderr } = spawnSync(process.execPath, ARGS, { encoding: 'utf8' })
    const [, problem = ''] = /WRONG.*\n {2}(.*)/.exec(stderr) ?? []
    process.stdout.write(`${status === 0 ? 'SURVIVED' : 'noticed '} ${name}: ${problem.slice(0, 200)}\n`)
    return status !== 0 && problem !== ''
  } finally {
    writeFileSync(target, source)
  }
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
