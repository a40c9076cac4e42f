import { openDatabaseUrl, readEnvironment } from '@fullon/ohlcv-service'
import { DatabaseContext } from '@fullon/orm'

/** Runs `use` with the configuration database that the environment names. */
export async function withDatabase<T>(use: (db: DatabaseContext, ohlcvUrl: string) => Promise<T>): Promise<T> {
  const settings = readEnvironment(process.env)
  await using database = await openDatabaseUrl(settings)
  await using db = await DatabaseContext.open({ url: database.url })
  return await use(db, settings.ohlcvUrl ?? database.url)
}

/** The user whose exchanges are collected: `ADMIN_MAIL`'s, else the first admin, made when there is none. */
export async function findOrAddAdmin(db: DatabaseContext, mail = process.env.ADMIN_MAIL): Promise<number> {
  const uid = mail ? await db.users.getUserId(mail) : (await db.users.getFirstAdmin())?.uid
  return uid ?? (await db.users.addUser({ mail: mail ?? 'admin@localhost', role: 'admin' })).uid
}

/** The exchange in the catalogue and among the user's, added where missing; its catalogue id. */
export async function findOrAddExchange(db: DatabaseContext, uid: number, name: string): Promise<number> {
  const catExId = await db.exchanges.installExchange(name)
  const own = await db.exchanges.getUserExchanges(uid)
  if (!own.some((exchange) => exchange.catExId === catExId)) {
    await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
  }
  return catExId
}
