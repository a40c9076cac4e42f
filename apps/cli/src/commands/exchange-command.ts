import { listExchanges } from '@fullon/exchange'
import { type DatabaseContext, OHLCV_ACCOUNT, parseCollectParams, type UserExchange } from '@fullon/orm'
import type { Command } from 'commander'
import { CommandError, checkKnown } from '../command-error.js'
import { describeCommand } from '../describe-command.js'
import { findOrAddAdmin, listOwnExchanges, withDatabase, withExchange } from '../open-context.js'
import { parseParam } from '../option-parsers.js'
import { printTable } from '../print-table.js'

interface Json {
  readonly json?: boolean
}

interface AddFlags extends Json {
  readonly sandbox?: boolean
  readonly param: Readonly<Record<string, string>>
}

type Shown = Pick<UserExchange, 'name' | 'active'> & { readonly sandbox: boolean; readonly params: object }

export function defineExchange(exchange: Command): void {
  describeCommand(
    exchange.command('list').description('what is configured').option('--known', 'every exchange that could be added'),
    { example: 'exchange list --json' },
  ).action(listConfigured)
  describeCommand(
    exchange
      .command('add')
      .description('collect from an exchange; added again, its settings change')
      .argument('<exchange>', 'ccxt id, such as kraken')
      .option('--sandbox', "the exchange's test environment")
      .option('--param <name=value>', 'a setting, such as trades=on; may be repeated', parseParam, {}),
    { example: 'exchange add kraken --param trades=on' },
  ).action(addExchange)
  const changes = [
    { verb: 'remove', description: 'stop collecting and forget the account; what is stored stays' },
    { verb: 'enable', description: 'collect again' },
    { verb: 'disable', description: 'stop collecting for now; what is stored stays' },
  ] as const
  for (const { verb, description } of changes) {
    describeCommand(exchange.command(verb).description(description).argument('<exchange>'), {
      example: `exchange ${verb} kraken`,
    }).action((name: string, { json }: Json) => changeExchange(name, verb, json))
  }
}

async function listConfigured({ known, json }: Json & { readonly known?: boolean }): Promise<void> {
  if (known) return console.log(json ? JSON.stringify(listExchanges()) : listExchanges().join('\n'))
  const rows = await withDatabase(async (db, { adminMail }) => {
    const own = await listOwnExchanges(db, adminMail)
    return Promise.all(own.map((one) => show(db, one)))
  })
  if (json) return console.log(JSON.stringify(rows))
  if (rows.length === 0) throw new CommandError('no exchanges yet (add one: fullon exchange add kraken)')
  printTable(
    ['exchange', 'sandbox', 'active', 'settings'],
    rows.map(({ name, sandbox, active, params }) => [
      name,
      sandbox ? 'yes' : 'no',
      active ? 'yes' : 'no',
      Object.entries(params)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ]),
  )
}

async function addExchange(name: string, { sandbox = false, param, json }: AddFlags): Promise<void> {
  // Both refuse what is wrong before anything is written.
  parseCollectParams(name, param)
  await withExchange({ exchange: name, sandbox }, async () => {})
  const row = await withDatabase(async (db, { adminMail }) => {
    const uid = await findOrAddAdmin(db, adminMail)
    const catExId = await db.exchanges.installExchange(name, { params: param })
    const own = (await db.exchanges.getUserExchanges(uid)).find(
      (one) => one.catExId === catExId && one.test === sandbox,
    )
    if (own && !own.active) await db.exchanges.activateExchange(own.exId)
    const account = sandbox ? `${OHLCV_ACCOUNT}_sandbox` : OHLCV_ACCOUNT
    const exId = own?.exId ?? (await db.exchanges.addUserExchange({ uid, catExId, name: account, test: sandbox }))
    return show(db, (await db.exchanges.getExchange(exId)) as UserExchange) // cast: just written
  })
  console.log(json ? JSON.stringify(row) : `${name}: collected from${sandbox ? ', its test environment' : ''}`)
}

async function changeExchange(name: string, verb: 'remove' | 'enable' | 'disable', json?: boolean): Promise<void> {
  const rows = await withDatabase(async (db, { adminMail }) => {
    const own = await listOwnExchanges(db, adminMail)
    checkKnown('exchange', name, [...new Set(own.map((one) => one.name))])
    const meant = own.filter((one) => one.name === name)
    const shown = await Promise.all(meant.map((one) => show(db, { ...one, active: verb === 'enable' })))
    for (const { exId } of meant) {
      if (verb === 'remove') await db.exchanges.removeUserExchange(exId)
      else if (verb === 'enable') await db.exchanges.activateExchange(exId)
      else await db.exchanges.deactivateExchange(exId)
    }
    return shown
  })
  console.log(json ? JSON.stringify(rows) : `${name}: ${verb}d`)
}

async function show(db: DatabaseContext, { name, test, active, catExId }: UserExchange): Promise<Shown> {
  return { name, sandbox: test, active, params: await db.exchanges.getExchangeParams(catExId) }
}
