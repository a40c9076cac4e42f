import { sealDue, type Week } from '@fullon/ohlcv'
import type { Command } from 'commander'
import { describeCommand } from '../describe-command.js'
import { withStores } from '../open-context.js'
import { parseWhole } from '../option-parsers.js'
import { printTable } from '../print-table.js'

interface Flags {
  readonly limit?: number
  readonly json?: boolean
}

export function defineSeal(seal: Command): void {
  seal.option('--limit <n>', 'weeks at most; default: all that are due', parseWhole)
  describeCommand(seal, {
    example: 'seal --limit 10',
    exit: 'A running service does this by itself. Exit code 0 also when some weeks were in use; they stay due.',
  }).action(sealWeeks)
}

async function sealWeeks({ limit, json }: Flags): Promise<void> {
  const result = await withStores(({ ohlcv }) =>
    sealDue(ohlcv, { now: Date.now(), quietMs: 0, ...(limit === undefined ? {} : { limit }) }),
  )
  if (json) return console.log(JSON.stringify(result))
  const { sealed, busy, left } = result
  const rows = [...sealed.map(rowOf('sealed')), ...busy.map(rowOf('in use, later')), ...left.map(rowOf('due'))]
  if (rows.length === 0) console.log('nothing to seal')
  else printTable(['week', 'of', ''], rows)
}

function rowOf(outcome: string): (week: Week) => string[] {
  return ({ since, table }) => [new Date(since).toISOString().slice(0, 10), table, outcome]
}
