import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { configureLogger, getComponentLogger } from '../../src/index.js'

process.stdout.write('started\n')
await once(process.stdin, 'data') // there is room for some lines only
const log = getComponentLogger('fullon.test')
for (let index = 0; index < 100; index++) log.info({ index }, 'line')
await import('pino-roll').then(() => delay(500)) // until it could have taken over
process.stdout.write('held\n')
await once(process.stdin, 'data') // now there is room
log.info({ index: 100 }, 'line')
configureLogger() // closes the file in the very moment in which pino-roll would take over
log.info({ index: 101 }, 'line')
await delay(100)
process.exit(0)
