import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../src/program.js'
import { runCommand } from './run-command.js'
import { runInProcess } from './run-in-process.js'

const NAMES = [
  ...['init', 'exchange', 'symbol', 'user', 'run', 'demo', 'status', 'gaps', 'coverage', 'candles', 'trades', 'export'],
  ...['verify', 'backfill', 'seal', 'simulator', 'doctor'],
]
const all = leavesOf(await createProgram(NAMES)).map((command) => ({ name: nameOf(command), command }))

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)
}

function nameOf(command: Command): string {
  return command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()
}

function helpOf(command: Command): string {
  let text = ''
  command
    .configureOutput({
      writeOut: (part) => {
        text += part
      },
    })
    .outputHelp()
  return text
}

describe('every command', () => {
  it('is there', () => {
    expect(all.map(({ name }) => name)).toEqual([
      'init',
      'exchange list',
      'exchange add',
      'exchange remove',
      'exchange enable',
      'exchange disable',
      'symbol list',
      'symbol add',
      'symbol set',
      'symbol remove',
      'symbol search',
      'user list',
      'user add',
      'user remove',
      'run',
      'demo',
      'status',
      'gaps',
      'coverage',
      'candles',
      'trades',
      'export',
      'verify',
      'backfill',
      'seal',
      'simulator',
      'doctor',
    ])
  })

  it.each(all.filter(({ name }) => name !== 'simulator'))(
    '$name has an example of itself and --json',
    ({ name, command }) => {
      const help = helpOf(command)
      expect(help).toMatch(new RegExp(`Example:\\n  fullon ${name}\\b`))
      expect(help).toMatch(/--json /)
    },
  )

  it('simulator has an example, and prints JSON as it is', async () => {
    const { code, stdout } = await runCommand(['simulator', '--help'], {})
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/Example:\n {2}fullon simulator --protocol/),
    })
  })
})

describe('what is mistyped', () => {
  it.each([
    { args: ['candels'], stderr: /unknown command 'candels'\n\(Did you mean candles\?\)/ },
    { args: ['symbol', 'lst'], stderr: /Did you mean list\?/ },
    { args: ['gaps', '--jsn'], stderr: /Did you mean --json\?/ },
    { args: ['candles', 'kraken', 'BTC/USD', '1hr'], stderr: /expected one of 1m .*got 1hr \(did you mean 1h\?\)/ },
    { args: ['export', 'kraken', 'BTC/USD', 'trade'], stderr: /did you mean trades\?/ },
    { args: ['candles', 'kraken', 'BTC/USD', '--last', 'x'], stderr: /expected a whole number/ },
    { args: ['candles', 'kraken', 'BTC/USD', '--since', 'soon'], stderr: /expected a time in UTC such as 2026-01-31/ },
    { args: ['simulator', '--protocl', 'kraken'], stderr: /protocl/ },
  ])('is refused with what was meant: $args', async ({ args, stderr }) => {
    const finished = await runInProcess(args, { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/none' })
    expect(finished).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(stderr) })
    expect(finished.stderr).not.toMatch(/^ {4}at /m)
  })
})

it('says what it tried when the database is not there', async () => {
  const env = { DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/none' }
  const { code, stderr } = await runCommand(['symbol', 'list'], env)
  expect(code).toBe(1)
  expect(stderr).toMatch(/127\.0\.0\.1:1/)
  expect(stderr).not.toMatch(/secret|^ {4}at /m)
})
