// Deploys the service to another folder and collects there, as a user who may write nothing but the data. Needs a build.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bin, ROOT } from './packages.mjs'
import { startSimulatedExchange } from './simulated-exchange.mjs'

/** The embedded Postgres starts, a page is fetched and stored: seconds, on a busy machine more. */
const PATIENCE_MS = 120_000
const ADD_SYMBOL = `
import { openEmbeddedPostgres } from '@fullon/embedded'
import { DatabaseContext } from '@fullon/orm'
const embedded = await openEmbeddedPostgres({ dataDir: process.env.FULLON_DATA_DIR })
const db = await DatabaseContext.open({ url: embedded.url })
const { uid } = await db.users.addUser({ mail: 'admin@example.com', role: 'admin' })
const catExId = await db.exchanges.installExchange('kraken')
await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId, backtest: 1 })
await db.close()
await embedded.close()`

const box = mkdtempSync(join(tmpdir(), 'fullon-deploy-'))
const user = process.getuid?.() === 0 ? nobody() : {}
const exchange = await startSimulatedExchange()
try {
  await check()
} finally {
  await exchange.close()
  rmSync(box, { recursive: true, force: true })
}

async function check() {
  const folder = join(box, 'service')
  execFileSync(bin('pnpm'), ['--filter', '@fullon/ohlcv-service', 'deploy', '--prod', folder], { cwd: ROOT })
  const options = { cwd: folder, env: prepareHome(), ...user }
  execFileSync(process.execPath, ['--input-type=module', '--eval', ADD_SYMBOL], { ...options, stdio: 'inherit' })
  const service = spawn(process.execPath, ['dist/main.js'], { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
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
