import { Command } from 'commander'

interface Entry {
  readonly name: string
  readonly description: string
  /** Only what is asked for is loaded: `--help` and a typo are answered at once. */
  readonly load: () => Promise<(command: Command) => void>
}

const ENTRIES: readonly Entry[] = [
  {
    name: 'init',
    description: 'make the databases ready and add the administrator; nothing that exists is changed',
    load: async () => (await import('./commands/init-command.js')).defineInit,
  },
  {
    name: 'exchange',
    description: 'the exchanges to collect from',
    load: async () => (await import('./commands/exchange-command.js')).defineExchange,
  },
  {
    name: 'symbol',
    description: 'the symbols to collect',
    load: async () => (await import('./commands/symbol-command.js')).defineSymbol,
  },
  {
    name: 'user',
    description: 'the users; the service collects the exchanges of one of them',
    load: async () => (await import('./commands/user-command.js')).defineUser,
  },
  {
    name: 'run',
    description: 'collect what is configured until Ctrl-C; a live table on a terminal, the log as JSON lines otherwise',
    load: async () => (await import('./commands/run-command.js')).defineRun,
  },
  {
    name: 'demo',
    description: 'collect a simulated exchange for a minute and verify every row against what it published',
    load: async () => (await import('./commands/demo-command.js')).defineDemo,
  },
  {
    name: 'status',
    description: 'what a running service is doing, from Redis where it is configured, else over HTTP',
    load: async () => (await import('./commands/status-command.js')).defineStatus,
  },
  {
    name: 'gaps',
    description: 'what is wanted and has not been had yet, newest first',
    load: async () => (await import('./commands/gaps-command.js')).defineGaps,
  },
  {
    name: 'coverage',
    description: 'what vouches for each day that is wanted or stored, as a calendar',
    load: async () => (await import('./commands/coverage-command.js')).defineCoverage,
  },
  {
    name: 'candles',
    description: 'stored candles, in any timeframe that the stored ones divide',
    load: async () => (await import('./commands/candles-command.js')).defineCandles,
  },
  {
    name: 'trades',
    description: 'stored trades, the newest last',
    load: async () => (await import('./commands/trades-command.js')).defineTrades,
  },
  {
    name: 'export',
    description: 'write stored candles or trades of any length to a file',
    load: async () => (await import('./commands/export-command.js')).defineExport,
  },
  {
    name: 'verify',
    description: 'ask the exchange again for what is stored, and report every difference',
    load: async () => (await import('./commands/verify-command.js')).defineVerify,
  },
  {
    name: 'backfill',
    description: 'fetch the history of a configured symbol now, and want it from then on',
    load: async () => (await import('./commands/backfill-command.js')).defineBackfill,
  },
  {
    name: 'seal',
    description: "put past weeks on disk series by series, so that reading a series' history is fast",
    load: async () => (await import('./commands/seal-command.js')).defineSeal,
  },
  {
    name: 'simulator',
    description: 'the simulated exchange alone; prints the ccxt options that lead to it, as JSON',
    load: async () => (await import('./commands/simulator-command.js')).defineSimulator,
  },
  {
    name: 'doctor',
    description: 'look at everything that collecting needs, and say how to mend what is wrong',
    load: async () => (await import('./commands/doctor-command.js')).defineDoctor,
  },
]

/**
 * The command line, not yet parsed. What it does not understand it says itself, and throws a `CommanderError`.
 *
 * @param args those commands that are named in them are complete
 */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('fullon')
    .description('Collect market data and keep it complete.')
    .showHelpAfterError('(--help shows what is accepted)')
    .addHelpText('after', HELP)
    .exitOverride() // before the commands, which take it over
  for (const { name, description, load } of ENTRIES) {
    const command = program.command(name).description(description)
    if (args.includes(name)) (await load())(command)
  }
  return program
}

const HELP = `
Example:
  fullon demo

DATABASE_URL names the database; without it an embedded Postgres is used.`
