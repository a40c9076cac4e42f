#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { CommandError } from './command-error.js'
import { addDemoCommand } from './demo-command.js'
import { addGapsCommand } from './gaps-command.js'
import { addSymbolCommand } from './symbol-command.js'

if (existsSync('.env')) process.loadEnvFile()

const program = new Command('fullon')
  .description('Collect market data and keep it complete.')
  .showSuggestionAfterError()
  .showHelpAfterError('(--help shows what is accepted)')
  .addHelpText('after', '\nDATABASE_URL names the database; without it an embedded Postgres is used.')

addSymbolCommand(program)
addGapsCommand(program)
addDemoCommand(program)

try {
  await program.parseAsync()
} catch (err) {
  console.error(`fullon: ${messageOf(err)}`)
  process.exitCode = err instanceof CommandError ? err.exitCode : 1
}

/** The message with those of its causes, each said once. */
function messageOf(err: unknown): string {
  if (!(err instanceof Error)) return String(err)
  const cause = err.cause === undefined ? '' : messageOf(err.cause)
  return cause && !err.message.includes(cause) ? `${err.message}: ${cause}` : err.message
}
