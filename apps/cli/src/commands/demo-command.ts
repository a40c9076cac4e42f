import { join, resolve } from 'node:path'
import { readEnvironment } from '@fullon/ohlcv-service'
import type { Command } from 'commander'
import { runDemo } from '../demo/run-demo.js'
import { parseWhole } from '../option-parsers.js'

interface DemoFlags {
  readonly fresh?: boolean
  readonly json?: boolean
  readonly seed: number
  readonly port: number
  readonly replay?: string
  readonly symbol?: string
  readonly expect?: string
}

export function defineDemo(demo: Command): void {
  demo
    .option('--fresh', 'start over; by default a run continues on the rows of the last one')
    .option('--seed <n>', 'which market is simulated', parseWhole, 1)
    .option('--port <n>', 'of the simulated exchange; 0 = any free one', parseWhole, 0)
    .option(
      '--replay <file>',
      'publish a recording instead: [[timestamp, id, type, side, price, amount, cost], …], JSON or gzip',
    )
    .option('--symbol <symbol>', "the recording's symbol; default: from its file name, such as XRP_ETH-trades.json.gz")
    .option(
      '--expect <file>',
      'also compare the stored candles with this CSV: timestamp,open,high,low,close,volume, plain or gzip',
    )
    .option('--json', 'print only the result, as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  fullon demo --seed 7 --fresh\n\nExit code 0 only when every stored row is right and none is missing.',
    )
    .action(async ({ replay, expect, ...flags }: DemoFlags) => {
      const ok = await runDemo({
        ...flags,
        ...(replay ? { replay: resolve(replay) } : {}),
        ...(expect ? { expect: resolve(expect) } : {}),
        dataDir: join(readEnvironment(process.env).dataDir, 'demo'),
      })
      if (!ok) process.exitCode = 1
    })
}
