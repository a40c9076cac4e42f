import { rmSync, writeFileSync } from 'node:fs'
import { configureLogger, getComponentLogger } from '../../src/index.js'

const folder = process.argv[2] ?? ''
configureLogger({ destination: `${folder}/service.log`, rotation: '1 MB' })
getComponentLogger('fullon.test').info('line')
rmSync(folder, { recursive: true })
writeFileSync(folder, 'pino-roll cannot start and is tried again')
