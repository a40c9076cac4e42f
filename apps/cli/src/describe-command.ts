import type { Command } from 'commander'

export interface Description {
  /** Without `fullon`. */
  readonly example: string
  /** What its exit codes mean, where that is more than 0 for done and 1 for failed. */
  readonly exit?: string
}

/** What every command has: `--json`, and an example in its help. */
export function describeCommand(command: Command, { example, exit }: Description): Command {
  const lines = ['', 'Example:', `  fullon ${example}`, ...(exit ? ['', exit] : [])]
  return command.option('--json', 'print the result as JSON').addHelpText('after', lines.join('\n'))
}
