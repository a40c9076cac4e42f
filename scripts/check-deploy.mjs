// Deploys command and service to another folder, sets up by the one and collects by the other, as a user who may write
// nothing but the data: as root nobody's, else the folder is made read-only, which its owner could undo. Needs a build.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bin, ROOT } from './packages.mjs'
import { startSimulatedExchange } from './simulated-exchange.mjs'

/** The embedded Postgres starts, a page is fetched and stored: seconds, on a busy machine more. */
const PATIENCE_MS = 120_000
const ADD_SYMBOL = ['dist/main.js', 'symbol', 'add', 'kraken', 'BTC/USD', '--backtest', '1']
const SERVICE = 'node_modules/@fullon/ohlcv-service/dist/main.js'

const box = mkdtempSync(join(tmpdir(), 'fullon-deploy-'))
const user = process.getuid?.() === 0 ? nobody() : {}
const exchange = await startSimulatedExchange()
try {
  await check()
} finally {
  await exchange.close()
  execFileSync('chmod', ['-R', 'u+w', box])
  rmSync(box, { recursive: true, force: true })
}

async function check() {
  const folder = join(box, 'service')
  execFileSync(bin('pnpm'), ['--filter', '@fullon/cli', 'deploy', '--prod', folder], { cwd: ROOT })
  if (!user.uid) execFileSync('chmod', ['-R', 'a-w', folder])
  const options = { cwd: folder, env: prepareHome(), ...user }
  // Not by execFileSync: the exchange it asks is in this process.
  const adding = spawn(process.execPath, ADD_SYMBOL, { ...options, stdio: 'inherit' })
  const [added] = await once(adding, 'exit')
  if (added !== 0) throw new Error(`deployed command: expected exit code 0, got ${added}`)
  const service = spawn(process.execPath, [SERVICE], { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => service.once('exit', (code, signal) => resolve(code ?? signal)))
  try {
    const rows = await waitForCandles(service)
    service.kill('SIGTERM')
    const code = await ended
    if (code !== 0) throw new Error(`deployed service: expected exit code 0 after SIGTERM, got ${code}`)
    console.log(
      `deployed service: stored ${rows} candles as ${user.uid ? `uid ${user.uid}` : 'this user'}, ended with 0`,
    )
  } finally {
    service.kill('SIGKILL')
  }
}

/** A home and a folder for data that belong to the user; the service itself stays somebody else's. */
function prepareHome() {
  const home = join(box, 'home')
  mkdirSync(home)
  chmodSync(box, 0o755)
  if (user.uid) chownSync(home, user.uid, user.gid)
  const ccxt = join(box, 'ccxt.json')
  writeFileSync(ccxt, JSON.stringify(exchange.ccxtOptions))
  return {
    HOME: home,
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    FULLON_DATA_DIR: join(home, 'data'),
    FULLON_CCXT_OPTIONS: ccxt,
    HTTP_PORT: '0',
    LOG_FORMAT: 'json',
  }
}

/** @returns how many rows `/status` names, once there are some and every address answers. */
async function waitForCandles(service) {
  let log = ''
  service.stdout.on('data', (data) => {
    log += data
  })
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && service.exitCode === null; await sleep(200)) {
    const url = /"url":"(http[^"]+)"/.exec(log)?.[1]
    if (!url) continue
    const answers = await Promise.all(['live', 'ready', 'status', 'metrics'].map((path) => fetch(`${url}/${path}`)))
    const rows = (await answers[2].text()).match(/"rows":([1-9]\d*)/)?.[1]
    if (rows && answers.every(({ ok }) => ok)) return Number(rows)
  }
  throw new Error(`deployed service: expected candles within ${PATIENCE_MS / 1000} s, got\n${log}`)
}

function nobody() {
  const id = (flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
