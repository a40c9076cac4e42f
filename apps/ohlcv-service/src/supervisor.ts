import { setMaxListeners } from 'node:events'
import { messageOf } from '@fullon/daemon'
import type { Series } from '@fullon/market'
import { type SeriesStatus, shardOf } from '@fullon/ohlcv'
import type { CollectedSymbol, DatabaseContext } from '@fullon/orm'
import type { SymbolParts } from './run-symbol.js'
import { createSymbolSet, type SymbolSet } from './symbol-set.js'

export interface SupervisorOptions extends SymbolParts {
  readonly db: DatabaseContext
  /** Told of what ended a collector, a bug. */
  readonly onBroken: (err: unknown) => void
  readonly adminMail?: string | undefined
  /** Into how many parts the series are divided among processes. */
  readonly shards?: { readonly count: number } | undefined
}

const RETRY_MS = 5_000
const HINT =
  'nothing to collect yet: add a symbol with `fullon symbol add <exchange> <symbol> --backtest 30`, it is picked up by itself'

/** Keeps what runs equal to what the configuration asks for, as far as it is this process's part. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #symbols: SymbolSet
  #wanted: readonly CollectedSymbol[] | undefined
  #held: readonly number[] = []

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#symbols = createSymbolSet(options, options.onBroken)
  }

  status(): readonly SeriesStatus[] {
    return this.#symbols.running().flatMap(({ status }) => status)
  }

  /** Why it is not ready, in a sentence. */
  async problem(): Promise<string | undefined> {
    const { db, ohlcv } = this.#options
    if (!this.#wanted) return 'the configuration has not been read'
    const reached = Promise.all([db.exchanges.getCatExchanges(), ohlcv.ping()]).then(() => undefined)
    return reached.catch((err) => `the database cannot be reached: ${messageOf(err)}`)
  }

  /** How long rows are kept; what is not in the configuration any more is kept for ever. */
  keepMs({ exchange, symbol, sandbox, timeframe }: Series): number | undefined {
    const isIt = (one: CollectedSymbol) => one.exchange === exchange && one.symbol === symbol && one.sandbox === sandbox
    const wanted = this.#wanted?.find(isIt)
    return timeframe ? wanted?.keepCandlesMs : wanted?.keepTradesMs
  }

  /** Collects what falls into these shards from now on, at the share of the exchanges' rate that goes with them. */
  async hold(held: readonly number[]): Promise<void> {
    const { queue, shards } = this.#options
    this.#held = held
    queue.setShare(Math.max(held.length, 1) / (shards?.count ?? 1))
    await this.#apply()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { db, clock, log } = this.#options
    setMaxListeners(0, signal)
    try {
      for await (const _ of db.watch({ signal, logger: log })) {
        while (!(await this.#read())) await clock.sleep(RETRY_MS, { signal })
      }
    } catch (err) {
      if (!signal.aborted) throw err
    } finally {
      await this.#symbols.keep([])
    }
  }

  /** Whether the configuration could be read. */
  async #read(): Promise<boolean> {
    const { db, adminMail, log } = this.#options
    const onInvalid = (symbol: string, err: unknown) => log.error({ symbol, err }, 'symbol cannot be collected')
    try {
      const uid = await db.users.getCollectorId(adminMail)
      this.#wanted = uid === undefined ? [] : await db.symbols.getCollected(uid, { onInvalid })
    } catch (err) {
      log.warn({ err, delayMs: RETRY_MS }, 'configuration not read, trying again')
      return false
    }
    if (this.#wanted.length === 0) log.warn({}, HINT)
    await this.#apply()
    return true
  }

  #apply(): Promise<void> {
    const { shards } = this.#options
    const isMine = (one: CollectedSymbol) => !shards || this.#held.includes(shardOf(one, shards.count))
    return this.#symbols.keep((this.#wanted ?? []).filter(isMine))
  }
}
