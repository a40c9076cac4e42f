import { writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { getComponentLogger } from '../../src/index.js'

const log = getComponentLogger('fullon.test')
for (let index = 0; ; index++) {
  log.info({ index, padding: 'x'.repeat(100) }, 'line')
  writeSync(1, `${index}\n`)
  if (index % 5 === 4) await turn()
}
