#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { getComponentLogger } from '@fullon/log'
import { openDatabaseUrl, readEnvironment } from './environment.js'
import { runService } from './run-service.js'

const USAGE = `usage: fullon-ohlcv-service

Collects candles and trades of the symbols in the fullon database and keeps them complete.
DATABASE_URL (default: an embedded Postgres), REDIS_URL (default: none), ADMIN_MAIL, LOG_LEVEL and the
other variables are described in .env.example. SIGTERM or Ctrl-C stops it.`

if (existsSync('.env')) process.loadEnvFile()
const log = getComponentLogger('fullon.ohlcv.daemon')

if (process.argv.length > 2) {
  const known = process.argv[2] === '--help' || process.argv[2] === '-h'
  console.log(USAGE)
  process.exit(known ? 0 : 2)
}

for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (err: unknown) => {
    log.fatal({ err }, 'unexpected error, stopping') // half a process would look alive
    process.exit(1)
  })
}

try {
  await main()
} catch (err) {
  // One line a person can act on; the whole chain only on request.
  log.fatal(log.isLevelEnabled('debug') ? { err } : { reason: messageOf(err) }, 'cannot start')
  process.exitCode = 1
}

async function main(): Promise<void> {
  const settings = readEnvironment(process.env)
  await using database = await openDatabaseUrl(settings)
  await using service = await runService({ ...settings, databaseUrl: database.url, log })
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      log.info({ signal: name }, 'stopping')
      process.once(name, () => process.exit(1)) // asked twice: at once
      setTimeout(() => process.exit(1), settings.shutdownMs).unref()
      service.close().catch(() => {})
    })
  }
  log.info({ embedded: !settings.databaseUrl }, 'started')
  await service.ended
  log.info({}, 'stopped')
}

/** The message with those of its causes, each said once. */
function messageOf(err: unknown): string {
  if (!(err instanceof Error)) return String(err)
  const cause = err.cause === undefined ? '' : messageOf(err.cause)
  return cause && !err.message.includes(cause) ? `${err.message}: ${cause}` : err.message
}
