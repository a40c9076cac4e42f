import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { destination, pino } from 'pino'
import { configureLogger, getComponentLogger, type Logger } from '../src/index.js'

const LINES = 2_000
const ROUNDS = 150
const AIM = 1.05

const folder = mkdtempSync(join(tmpdir(), 'fullon-log-bench-'))
configureLogger({ destination: join(folder, 'ours.log'), level: 'info', levels: {}, format: 'json' })
const ours = getComponentLogger('fullon.ohlcv.daemon')
const file = destination({ dest: join(folder, 'bare.log'), sync: true }) // the same guarantee: written when it returns
const bare = pino({ formatters: { level: (label) => ({ level: label }) } }, file).child({
  component: 'fullon.ohlcv.daemon',
})

function measure(log: Logger): number {
  const start = process.hrtime.bigint()
  for (let rows = 0; rows < LINES; rows++) log.info({ exchange: 'kraken', symbol: 'BTC/USD', rows }, 'page saved')
  return Number(process.hrtime.bigint() - start) / LINES
}

const [fromBare, fromOurs]: [number[], number[]] = [[], []]
for (let round = 0; round < ROUNDS; round++) {
  // Side by side, in turns first: what else the machine does meets both.
  const order = round % 2 === 0 ? ([bare, ours] as const) : ([ours, bare] as const)
  for (const log of order) (log === bare ? fromBare : fromOurs).push(measure(log))
}
// The fastest tenth: the rest is what other programs took.
const typical = (times: number[]) => times.toSorted((one, other) => one - other)[Math.floor(ROUNDS / 10)] ?? Number.NaN
const ratio = typical(fromOurs) / typical(fromBare)
console.log(
  `a line: ${typical(fromOurs).toFixed(0)} ns, bare pino ${typical(fromBare).toFixed(0)} ns, ratio ${ratio.toFixed(3)}, aim ≤ ${AIM}: ${ratio <= AIM ? 'met' : 'missed'}`,
)
rmSync(folder, { recursive: true })
