import { openOrSay, runDaemon } from '@fullon/daemon'
import { getComponentLogger } from '@fullon/log'
import { openDatabaseUrl, readEnvironment } from './environment.js'
import { runService, type Service } from './run-service.js'

/**
 * The service as a whole process, set by `env`.
 *
 * @param onStarted is told once it collects, to show what it does
 */
export async function runProcess(
  env: Readonly<Record<string, string | undefined>>,
  onStarted: (service: Service) => void = () => {},
): Promise<void> {
  const log = openOrSay(() => getComponentLogger('fullon.ohlcv.daemon'))
  if (!log) return
  const run = async (signal: AbortSignal) => {
    const settings = readEnvironment(env)
    await using database = await openDatabaseUrl({ ...settings, log })
    await using service = await runService({ ...settings, databaseUrl: database.url, log, signal })
    log.info({ embedded: !settings.databaseUrl }, 'started')
    onStarted(service)
    await service.ended
  }
  await runDaemon({ env, logger: log, run })
}
