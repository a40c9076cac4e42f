import { describe, expect } from 'vitest'
import { type Change, DatabaseContext } from '../src/index.js'
import { type Sql, test, until } from './database.js'
import { openProxy, type TestProxy } from './proxy.js'

const STEPS = 80
const SEEDS = [1, 2, 3, 4, 5, 6]

/** mulberry32, https://github.com/cprosche/mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What a consumer holds that believes the watch: every symbol and setting by its key. */
function holdRows() {
  const rows = new Map<string, unknown>()
  const keyOf = (row: object) =>
    JSON.stringify([Reflect.get(row, 'symbolId'), Reflect.get(row, 'catExId'), Reflect.get(row, 'name')])
  return {
    rows,
    apply({ table, before, after }: Change) {
      if (table !== 'symbols' && table !== 'cat_exchanges_params') return
      const row = after ?? before
      if (!row) throw new Error('a change of nothing')
      expect(rows.get(keyOf(row)), 'what it was before').toEqual(before)
      if (after) rows.set(keyOf(row), after)
      else rows.delete(keyOf(row))
    },
    async matches(db: DatabaseContext, catExId: number) {
      const symbols = await db.symbols.getAll()
      const params = Object.entries(await db.exchanges.getExchangeParams(catExId))
      const truth = [...symbols, ...params.map(([name, value]) => ({ catExId, name, value }))]
      return (
        truth.length === rows.size && truth.every((row) => JSON.stringify(rows.get(keyOf(row))) === JSON.stringify(row))
      )
    },
  }
}

/** One change of the configuration, of any kind. */
async function change(db: DatabaseContext, catExId: number, random: () => number, step: number): Promise<void> {
  const symbols = await db.symbols.getAll()
  const symbol = symbols[Math.floor(random() * symbols.length)]
  const kind = random()
  if (kind < 0.2)
    await db.exchanges.setExchangeParam(catExId, `p${Math.floor(random() * 3)}`, random() < 0.3 ? undefined : `${step}`)
  else if (kind < 0.5 || !symbol) await db.symbols.addSymbol({ symbol: `C${step}/USD`, catExId })
  else if (kind < 0.8) await db.symbols.updateSymbol(symbol.symbolId, { backtest: step, active: random() < 0.5 })
  else await db.symbols.removeSymbol(symbol.symbolId)
}

/** One fault of the way to the database, and its end. */
async function disturb(proxy: TestProxy, sql: Sql, random: () => number): Promise<void> {
  const kind = random()
  if (kind < 0.5) {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = '@fullon/orm watch'`
  } else if (kind < 0.8) {
    await proxy.shut()
    await proxy.open()
  } else proxy.block()
}

describe('db.watch', () => {
  for (const seed of SEEDS) {
    test(`ends up with what the database holds, whatever fails meanwhile (seed ${seed})`, async ({ url, db, sql }) => {
      const random = seeded(seed)
      const catExId = await db.exchanges.installExchange('kraken')
      await using proxy = await openProxy(url)
      await using far = await DatabaseContext.open({ url: proxy.url, connectTimeoutMs: 300 })
      const held = holdRows()
      const abort = new AbortController()
      const reason = new Error('the test is over')
      const watching = (async () => {
        const options = { signal: abort.signal, pollMs: 100, random }
        for await (const changes of far.watch(options)) for (const one of changes) held.apply(one)
      })()
      const ended = expect(watching).rejects.toBe(reason)
      for (let step = 0; step < STEPS; step++) {
        await change(db, catExId, random, step)
        if (random() < 0.15) await disturb(proxy, sql, random)
      }
      await until(() => held.matches(db, catExId))
      abort.abort(reason)
      await ended
    })
  }
})
