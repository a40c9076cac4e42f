import type { Command } from 'commander'
import { CommandError } from '../command-error.js'
import { describeCommand } from '../describe-command.js'
import { findOrAddAdmin, withStores } from '../open-context.js'
import { placeOf } from '../place-of.js'

interface InitFlags {
  readonly mail?: string
  readonly json?: boolean
}

export function defineInit(init: Command): void {
  init.option(
    '--mail <address>',
    'the administrator, whose exchanges are collected; default: ADMIN_MAIL, admin@localhost',
  )
  describeCommand(init, { example: 'init --mail me@example.com' }).action(initialise)
}

async function initialise({ mail, json }: InitFlags): Promise<void> {
  const result = await withStores(async ({ db, settings }) => {
    const collected = settings.adminMail ?? (await db.users.getFirstAdmin())?.mail
    if (mail && collected && mail !== collected)
      throw new CommandError(
        `init: expected ${collected}, whose exchanges are collected, got ${mail} (to collect another's, set ADMIN_MAIL)`,
      )
    const admin = await db.users.getById(await findOrAddAdmin(db, mail ?? settings.adminMail))
    const symbols = (await db.symbols.getAll()).length
    return { database: placeOf(settings), admin: admin?.mail ?? '', symbols }
  })
  if (json) return console.log(JSON.stringify(result))
  console.log(`database  ${result.database}\nadmin     ${result.admin}\nsymbols   ${result.symbols}\n`)
  console.log(
    result.symbols > 0 ? 'ready: fullon run' : 'next: fullon symbol add kraken BTC/USD --backtest 30, then: fullon run',
  )
}
