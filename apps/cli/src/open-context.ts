import { type ExchangeHandler, ExchangeQueue } from '@fullon/exchange'
import { type OhlcvDatabase, openOhlcv } from '@fullon/ohlcv'
import { openDatabaseUrl, readEnvironment, type ServiceSettings } from '@fullon/ohlcv-service'
import { DatabaseContext, OHLCV_ACCOUNT, type UserExchange } from '@fullon/orm'

export interface Stores {
  readonly db: DatabaseContext
  readonly ohlcv: OhlcvDatabase
  readonly settings: ServiceSettings
}

/** The part of an exchange's limit that a command takes for long work: a service behind the same address uses it whole. */
export const COMMAND_SHARE = 0.25

/** Runs `use` with the configuration database that the environment names. */
export async function withDatabase<T>(use: (db: DatabaseContext, settings: ServiceSettings) => Promise<T>): Promise<T> {
  const settings = readEnvironment(process.env)
  await using database = await openDatabaseUrl(settings)
  await using db = await DatabaseContext.open({ url: database.url })
  return await use(db, settings)
}

/** Runs `use` with configuration and market data. */
export async function withStores<T>(use: (stores: Stores) => Promise<T>): Promise<T> {
  const settings = readEnvironment(process.env)
  await using database = await openDatabaseUrl(settings)
  await using db = await DatabaseContext.open({ url: database.url })
  await using ohlcv = await openOhlcv({ url: settings.ohlcvUrl ?? database.url })
  return await use({ db, ohlcv, settings })
}

/** Runs `use` with an exchange, as the service reaches it. */
export async function withExchange<T>(
  {
    exchange,
    sandbox = false,
    share = COMMAND_SHARE,
  }: { readonly exchange: string; readonly sandbox?: boolean; readonly share?: number },
  use: (handler: ExchangeHandler) => Promise<T>,
): Promise<T> {
  const { ccxtOptions = {} } = readEnvironment(process.env)
  await using queue = new ExchangeQueue({ ccxtOptions, share })
  return await use(await queue.getHandler(exchange, OHLCV_ACCOUNT, { sandbox }))
}

/** The user whose exchanges are collected, added where there is none: only for what is about to add more. */
export async function findOrAddAdmin(db: DatabaseContext, mail: string | undefined): Promise<number> {
  const uid = await db.users.getCollectorId(mail)
  return uid ?? (await db.users.addUser({ mail: mail ?? 'admin@localhost', role: 'admin' })).uid
}

/** Those of the user whose exchanges are collected, oldest first. */
export async function listOwnExchanges(db: DatabaseContext, mail: string | undefined): Promise<UserExchange[]> {
  const uid = await db.users.getCollectorId(mail)
  return uid === undefined ? [] : db.exchanges.getUserExchanges(uid)
}

/** The exchange in the catalogue and among the user's, added where missing; its catalogue id. */
export async function findOrAddExchange(db: DatabaseContext, uid: number, name: string): Promise<number> {
  const catExId = await db.exchanges.installExchange(name)
  const own = await db.exchanges.getUserExchanges(uid)
  if (!own.some((exchange) => exchange.catExId === catExId)) {
    await db.exchanges.addUserExchange({ uid, catExId, name: OHLCV_ACCOUNT })
  }
  return catExId
}
