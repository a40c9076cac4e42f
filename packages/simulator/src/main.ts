#!/usr/bin/env node
import { HELP, parseCommandOptions, UsageError } from './command-options.js'
import { runCommand } from './run-command.js'

try {
  const options = parseCommandOptions(process.argv.slice(2))
  if (!options) process.stdout.write(HELP)
  else {
    const { simulator, faultPlan } = await runCommand(options, { now: Date.now() })
    if (faultPlan.length > 0) process.stderr.write(`fault plan:\n${JSON.stringify(faultPlan)}\n`)
    process.stderr.write(`simulating ${options.protocols.join(', ')} at ${simulator.url}; Ctrl+C ends it\n`)
    process.stdout.write(`${JSON.stringify(simulator.ccxtOptions, null, 2)}\n`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close())
  }
} catch (error) {
  process.stderr.write(`fullon-simulator: ${error instanceof Error ? error.message : String(error)}\n`)
  if (error instanceof UsageError) process.stderr.write('fullon-simulator --help says what can be asked for\n')
  process.exitCode = error instanceof UsageError ? 2 : 1
}
