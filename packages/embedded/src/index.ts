export { defaultDataDir } from './default-data-dir.js'
export { EmbeddedError, type EmbeddedErrorCode } from './errors.js'
export {
  type EmbeddedLogger,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from './open-embedded-postgres.js'
export { openPrivatePostgres, type PrivatePostgres, type PrivatePostgresOptions } from './open-private-postgres.js'
export { openScratchDatabase, type ScratchDatabase, type ScratchDatabaseOptions } from './open-scratch-database.js'
