import { CommanderError } from 'commander'
import { CommandError } from './command-error.js'
import { createProgram } from './program.js'

/** Does what the arguments ask for; what goes wrong is said in one line, and is in the process's exit code. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await (await createProgram(args)).parseAsync(args, { from: 'user' })
  } catch (err) {
    if (err instanceof CommanderError) {
      process.exitCode = err.exitCode === 0 ? 0 : 2 // it has said why
    } else {
      const { messageOf } = await import('@fullon/daemon') // slow to load, seldom needed
      console.error(`fullon: ${messageOf(err)}`)
      process.exitCode = err instanceof CommandError ? err.exitCode : 1
    }
  }
}
