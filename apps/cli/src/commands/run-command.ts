import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { configureLogger } from '@fullon/log'
import { readEnvironment, runProcess, type Service, type ServiceSettings } from '@fullon/ohlcv-service'
import type { Command } from 'commander'
import { describeCommand } from '../describe-command.js'
import { LiveTable } from '../live-table.js'

const DRAW_EVERY_MS = 500

export function defineRun(run: Command): void {
  describeCommand(run, { example: 'run' }).action(runCollecting)
}

async function runCollecting({ json }: { readonly json?: boolean }): Promise<void> {
  const settings = readEnvironment(process.env)
  const isLive = process.stdout.isTTY && !json
  if (!isLive) configureLogger({ format: 'json' })
  await runProcess(process.env, isLive ? draw(new LiveTable(process.stdout), logToFile(settings)) : undefined)
}

/** Lines between a table that is redrawn would tear it. */
function logToFile({ dataDir }: ServiceSettings): string {
  const file = process.env.LOG_FILE_PATH || join(dataDir, 'fullon.log')
  mkdirSync(dataDir, { recursive: true })
  const rotation = process.env.LOG_ROTATION ? {} : { rotation: '10 MB', retention: '5' }
  configureLogger({ console: false, filePath: file, ...rotation })
  return file
}

function draw(table: LiveTable, logFile: string): (service: Service) => void {
  return (service) => {
    table.note(`collecting until Ctrl-C; the log is ${logFile}`)
    const ended = service.ended.then(
      () => true,
      () => true,
    )
    void (async () => {
      do table.draw(new Date().toISOString().slice(0, 19).replace('T', ' '), service.status())
      while (!(await Promise.race([ended, delay(DRAW_EVERY_MS, false)])))
    })()
  }
}
