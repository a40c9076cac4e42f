export { openDatabaseUrl, readEnvironment, type ServiceSettings } from './environment.js'
export { runService, type Service, type ServiceOptions } from './run-service.js'
export type { SeriesState, SeriesStatus } from './status.js'
