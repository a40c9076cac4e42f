import { type EmbeddedPostgres, openEmbeddedPostgres } from '@fullon/embedded'
import { DatabaseContext } from '@fullon/orm'
import postgres from 'postgres'
import { CommandError } from '../command-error.js'
import { findOrAddAdmin, findOrAddExchange } from '../open-context.js'

/** The letters `demo` in ASCII. */
const LOCK = 0x64656d6f

/** The demo's own database, used by one demo at a time. */
export async function openDemoDatabase({
  dataDir,
  name: database,
  fresh,
}: {
  dataDir: string
  name: string
  fresh: boolean
}): Promise<EmbeddedPostgres> {
  const server = await openEmbeddedPostgres({ dataDir, database: 'postgres' })
  const admin = postgres(server.url, { max: 1, onnotice: () => {} })
  try {
    if (fresh) await admin`drop database if exists ${admin(database)} with (force)`
    const opened = await openEmbeddedPostgres({ dataDir, database })
    const lock = postgres(opened.url, { max: 1, onnotice: () => {} })
    const [row] = await lock<{ free: boolean }[]>`select pg_try_advisory_lock(${LOCK}) as free`
    const close = async () => {
      await lock.end()
      await opened.close()
    }
    if (row?.free) return { ...opened, url: opened.url, close, [Symbol.asyncDispose]: close }
    await close()
    throw new CommandError(
      `demo: another demo is using the database ${database} (wait for it, or choose another --seed)`,
    )
  } finally {
    await admin.end()
    await server.close()
  }
}

/** Configures what the service is to collect, as an operator would. */
export async function configure(
  url: string,
  exchange: string,
  symbols: readonly string[],
  backtest: number,
): Promise<void> {
  await using db = await DatabaseContext.open({ url })
  const catExId = await findOrAddExchange(db, await findOrAddAdmin(db, undefined), exchange)
  await db.exchanges.setExchangeParam(catExId, 'trades', 'on')
  for (const symbol of symbols) {
    const known = await db.symbols.getBySymbol(symbol, { catExId })
    if (!known) await db.symbols.addSymbol({ symbol, catExId, updateframe: '1m', backtest })
  }
}
