import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { configureLogger } from '@fullon/log'
import { readEnvironment, runProcess, type Service, type ServiceSettings } from '@fullon/ohlcv-service'
import type { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { describeCommand } from '../describe-command.js'
import { formatTime } from '../format-time.js'
import { LiveTable } from '../live-table.js'

const DRAW_EVERY_MS = 500

export function defineRun(run: Command): void {
  describeCommand(run, { example: 'run' }).action(runCollecting)
}

async function runCollecting({ json }: { readonly json?: boolean }): Promise<void> {
  const isLive = process.stdout.isTTY && !json
  if (!isLive) configureLogger({ format: 'json' })
  let logFile: string | undefined
  await runProcess(process.env, (service) => {
    if (!isLive) return
    logFile = logToFile(readEnvironment(process.env)) // what kept it from starting is on the terminal
    void showTable(service, logFile)
  })
  if (logFile && process.exitCode)
    throw new CommandError(`run: ended by an error, the last lines of ${logFile} say which`)
}

/** Lines between a table that is redrawn would tear it. */
function logToFile({ dataDir }: ServiceSettings): string {
  const file = process.env.LOG_FILE_PATH || join(dataDir, 'fullon.log')
  mkdirSync(dataDir, { recursive: true })
  const rotation = process.env.LOG_ROTATION ? {} : { rotation: '10 MB', retention: '5' }
  configureLogger({ console: false, filePath: file, ...rotation })
  return file
}

async function showTable(service: Service, logFile: string): Promise<void> {
  const table = new LiveTable(process.stdout)
  table.note(`collecting until Ctrl-C; the log is ${logFile}`)
  const ended = service.ended.then(
    () => true,
    () => true,
  )
  do table.draw(formatTime(Date.now()), service.status())
  while (!(await Promise.race([ended, delay(DRAW_EVERY_MS, false)])))
}
