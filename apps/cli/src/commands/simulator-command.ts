import { runCommandLine } from '@fullon/simulator'
import type { Command } from 'commander'

export function defineSimulator(simulator: Command): void {
  simulator
    .argument('[options...]')
    .helpOption(false) // its own
    .allowUnknownOption()
    .action((_, __, { args }: Command) => runCommandLine(args, { name: 'fullon simulator' }))
}
