import { type DatabaseContext, isAdmin, type User } from '@fullon/orm'
import type { Command } from 'commander'
import { CommandError, checkKnown } from '../command-error.js'
import { describeCommand } from '../describe-command.js'
import { withDatabase } from '../open-context.js'
import { printTable } from '../print-table.js'

const PAGE_SIZE = 1_000

interface AddFlags {
  readonly admin?: boolean
  readonly json?: boolean
}

export function defineUser(user: Command): void {
  describeCommand(user.command('list').description('who is configured'), { example: 'user list' }).action(listUsers)
  describeCommand(
    user
      .command('add')
      .description('add a user')
      .argument('<mail>')
      .option('--admin', 'an administrator: the first one is whose exchanges the service collects'),
    { example: 'user add me@example.com --admin' },
  ).action(addUser)
  describeCommand(user.command('remove').description('remove a user who has no exchange').argument('<mail>'), {
    example: 'user remove me@example.com',
  }).action(removeUser)
}

async function listUsers({ json }: { readonly json?: boolean }): Promise<void> {
  const users = await withDatabase(listEveryone)
  if (json) return console.log(JSON.stringify(users.map(shown)))
  if (users.length === 0) throw new CommandError('no users yet (fullon init adds the administrator)')
  printTable(
    ['mail', 'role', 'active'],
    users.map((user) => [user.mail, isAdmin(user) ? 'admin' : 'user', user.active ? 'yes' : 'no']),
  )
}

async function addUser(mail: string, { admin, json }: AddFlags): Promise<void> {
  const user = await withDatabase((db) => db.users.addUser({ mail, role: admin ? 'admin' : 'user' }))
  console.log(json ? JSON.stringify(shown(user)) : `added ${user.mail}${admin ? ', an administrator' : ''}`)
}

async function removeUser(mail: string, { json }: { readonly json?: boolean }): Promise<void> {
  const user = await withDatabase(async (db) => {
    const known = await listEveryone(db)
    checkKnown(
      'user',
      mail,
      known.map((one) => one.mail),
    )
    const found = known.find((one) => one.mail === mail) as User // cast: checked above
    await db.users.removeUser(found.uid)
    return found
  })
  console.log(json ? JSON.stringify(shown(user)) : `removed ${user.mail}`)
}

/** In the order they were added. */
async function listEveryone(db: DatabaseContext): Promise<User[]> {
  const all: User[] = []
  for (let page = 1; all.length === (page - 1) * PAGE_SIZE; page++)
    all.push(...(await db.users.search('', { page, pageSize: PAGE_SIZE })))
  return all
}

function shown(user: User) {
  const { uid, mail, active } = user
  return { uid, mail, role: isAdmin(user) ? 'admin' : 'user', active }
}
