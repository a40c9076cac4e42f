export type { DatabaseOptions } from './connection-config.js'
export {
  type CredentialsProvider,
  credentialsFor,
  type ExchangeCredentials,
  environmentCredentials,
} from './credentials.js'
export { DatabaseContext, type Repositories } from './database-context.js'
export { type DatabaseUrls, databaseUrlsFrom } from './database-url.js'
export { OrmError, type OrmErrorCode } from './errors.js'
export type { PageOptions } from './page-options.js'
export {
  COLLECT_PARAMS,
  type CollectedSymbol,
  parseCollectParams,
  type TradesMode,
} from './repositories/collected-symbols.js'
export {
  type CatExchange,
  type CatExchangeSettings,
  type ExchangeRepository,
  type NewUserExchange,
  OHLCV_ACCOUNT,
  type UserExchange,
} from './repositories/exchange-repository.js'
export type {
  NewSymbol,
  SymbolChanges,
  SymbolFilter,
  SymbolQuery,
  SymbolRepository,
  SymbolRow,
} from './repositories/symbol-repository.js'
export {
  isAdmin,
  type NewUser,
  type Role,
  type User,
  type UserChanges,
  type UserRepository,
} from './repositories/user-repository.js'
export { UPDATEFRAMES, type Updateframe } from './validate-symbol.js'
export type { CatExchangeParam, Change } from './watch/snapshot.js'
export type { WatchLogger, WatchOptions } from './watch/watch-changes.js'
