import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { configureLogger, getComponentLogger } from '../../src/index.js'

const [ending, destination, pace] = process.argv.slice(2)
if (destination) configureLogger({ destination })
const log = getComponentLogger('fullon.test')
if (pace) await import('pino-roll').then(() => delay(500)) // until it has taken over
for (let index = 0; index < 2000; index++) {
  log.info({ index, padding: 'x'.repeat(100) }, 'line')
  if (pace && index % 10 === 0) await turn()
}
if (ending === 'throw') throw new Error('crashed')
if (ending === 'kill') process.kill(process.pid, 'SIGKILL')
if (ending === 'exit') process.exit(0)
