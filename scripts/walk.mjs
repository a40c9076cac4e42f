// A newcomer's walk through the README, timed: a fresh clone of what is committed, an empty home, a bare PATH.
// Prints the table of CONTRIBUTING.md. Needs a build, for the simulated exchange. `npm run walk`
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { finish, interrupt, openWorld, readCommands, stay } from './doc-commands.mjs'
import { ROOT } from './packages.mjs'
import { readBlocks } from './sh-blocks.mjs'
import { startSimulatedExchange } from './simulated-exchange.mjs'

const COMMAND_MS = 1_800_000

const box = mkdtempSync(join(tmpdir(), 'fullon-walk-'))
chmodSync(box, 0o755) // for the account of the embedded Postgres
const exchange = await startSimulatedExchange()
try {
  await walk()
} finally {
  await exchange.close()
  rmSync(box, { recursive: true, force: true })
}

async function walk() {
  const cwd = join(box, 'project')
  execFileSync('git', ['clone', '--quiet', ROOT, cwd])
  const path = [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
  const world = await openWorld({ folder: join(box, 'home'), cwd, path, ccxtOptions: exchange.ccxtOptions })
  console.log('| step | seconds |\n| --- | --- |')
  for (const { code, how } of readBlocks('README.md')) {
    const commands = readCommands(code, world)
    const last = how === 'stays' ? commands.pop() : undefined
    for (const command of commands) print(`\`${command}\``, await finish(command, world, { timeoutMs: COMMAND_MS }))
    if (last) await watch(last, world)
  }
}

async function watch(command, world) {
  const startedAt = performance.now()
  const service = await stay(command, world)
  print(`\`${command}\`, until \`/ready\``, (performance.now() - startedAt) / 1000)
  while (!/"rows":[1-9]/.test(await (await fetch(`${service.url}/status`)).text())) await sleep(100)
  print('until the first candles are stored', (performance.now() - startedAt) / 1000)
  await interrupt(service)
}

function print(step, seconds) {
  console.log(`| ${step} | ${seconds.toFixed(seconds < 10 ? 1 : 0)} |`)
}
