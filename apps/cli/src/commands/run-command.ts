import { mkdirSync } from 'node:fs'
import { join, parse } from 'node:path'
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
  let logFiles: string | undefined
  await runProcess(process.env, (service) => {
    if (!isLive) return
    logFiles = logToFiles(readEnvironment(process.env)) // what kept it from starting is on the terminal
    void showTable(service, logFiles)
  })
  if (logFiles && process.exitCode)
    throw new CommandError(`run: ended by an error, the last lines of the newest of ${logFiles} say which`)
}

/** Lines between a table that is redrawn would tear it. @returns a pattern of their names */
function logToFiles({ dataDir }: ServiceSettings): string {
  const file = process.env.LOG_FILE_PATH || join(dataDir, 'fullon.log')
  mkdirSync(dataDir, { recursive: true })
  const rotation = process.env.LOG_ROTATION ? {} : { rotation: '10 MB', retention: '5' }
  configureLogger({ console: false, filePath: file, ...rotation })
  const { dir, name, ext } = parse(file)
  return join(dir, `${name}.*${ext}`)
}

async function showTable(service: Service, logFiles: string): Promise<void> {
  const table = new LiveTable(process.stdout)
  table.note(`collecting until Ctrl-C; the log is the newest of ${logFiles}`)
  const ended = service.ended.then(
    () => true,
    () => true,
  )
  do table.draw(formatTime(Date.now()), service.status())
  while (!(await Promise.race([ended, delay(DRAW_EVERY_MS, false)])))
}
