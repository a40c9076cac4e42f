import { configureLogger, getComponentLogger } from '../../src/index.js'

const [ending, destination] = process.argv.slice(2)
if (destination) configureLogger({ destination })
const log = getComponentLogger('fullon.test')
for (let index = 0; index < 2000; index++) log.info({ index, padding: 'x'.repeat(100) }, 'line')
if (ending === 'throw') throw new Error('crashed')
if (ending === 'kill') process.kill(process.pid, 'SIGKILL')
process.exit(0)
