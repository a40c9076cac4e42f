import { messageOf } from '@fullon/daemon'
import { ExchangeQueue } from '@fullon/exchange'
import { readEnvironment } from '@fullon/ohlcv-service'
import type { Command } from 'commander'
import { describeCommand } from '../describe-command.js'
import {
  type Check,
  checkClock,
  checkDatabases,
  checkDisk,
  checkExchange,
  checkNode,
  checkRedis,
} from '../doctor-checks.js'
import { withDatabase } from '../open-context.js'
import { hasColour, paint } from '../paint.js'
import { listWanted } from '../wanted-series.js'

interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  readonly mend?: string
}

export function defineDoctor(doctor: Command): void {
  doctor.argument('[exchanges...]', 'ccxt ids; default: those that are configured')
  describeCommand(doctor, { example: 'doctor kraken', exit: 'Exit code 0 when all is well, 1 otherwise.' }).action(
    examine,
  )
}

async function examine(exchanges: readonly string[], { json }: { readonly json?: boolean }): Promise<void> {
  const settings = readEnvironment(process.env)
  const { ccxtOptions = {} } = settings
  await using queue = new ExchangeQueue({ ccxtOptions })
  const findings: Finding[] = []
  const look = async (check: Check) => {
    const finding = await carryOut(check)
    findings.push(finding)
    if (!json) print(finding)
    return finding.ok
  }
  for (const check of [checkNode(), checkDatabases(settings), checkRedis(settings), checkDisk(settings)])
    await look(check)
  for (const exchange of exchanges.length > 0 ? exchanges : await configuredExchanges()) {
    if (await look(checkExchange(queue, exchange))) await look(checkClock(queue, exchange))
  }
  if (json) console.log(JSON.stringify(findings))
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1
}

async function carryOut({ name, mend, check }: Check): Promise<Finding> {
  try {
    return { name, ok: true, detail: await check() }
  } catch (err) {
    return { name, ok: false, detail: messageOf(err), mend }
  }
}

/** None where the database cannot be asked: that is a finding of its own. */
async function configuredExchanges(): Promise<string[]> {
  const wanted = await withDatabase((db, { adminMail }) => listWanted(db, {}, adminMail)).catch(() => [])
  return [...new Set(wanted.map(({ exchange }) => exchange))]
}

function print({ name, ok, detail, mend }: Finding): void {
  const sign = ok ? 'ok    ' : 'FAILED'
  console.log(`${hasColour() ? paint(sign, ok ? 'green' : 'red') : sign}  ${name}: ${detail}`)
  if (mend) console.log(`        ${mend}`)
}
