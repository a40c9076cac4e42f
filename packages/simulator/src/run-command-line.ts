import { HELP, parseCommandOptions, UsageError } from './command-options.js'
import { runCommand } from './run-command.js'

/**
 * What `fullon-simulator` does: prints ccxt's options as JSON and serves until it is interrupted; errors are printed,
 * and end up in the process's exit code.
 *
 * @param args without the program's name; `--help` prints what they can be.
 */
export async function runCommandLine(args: readonly string[], { name = 'fullon-simulator' } = {}): Promise<void> {
  try {
    const options = parseCommandOptions(args)
    if (!options) return void process.stdout.write(HELP.replaceAll('fullon-simulator', name))
    const { simulator, faultPlan } = await runCommand(options, { now: Date.now() })
    if (faultPlan.length > 0) process.stderr.write(`fault plan:\n${JSON.stringify(faultPlan)}\n`)
    process.stderr.write(`simulating ${options.protocols.join(', ')} at ${simulator.url}; Ctrl+C ends it\n`)
    process.stdout.write(`${JSON.stringify(simulator.ccxtOptions, null, 2)}\n`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close())
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    if (error instanceof UsageError) process.stderr.write(`${name} --help says what can be asked for\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}
