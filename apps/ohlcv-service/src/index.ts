export { openDatabaseUrl, readEnvironment, type ServiceSettings } from './environment.js'
export { runProcess } from './run-process.js'
export { runService, type Service, type ServiceOptions } from './run-service.js'
export { type RunningSymbol, runSymbol, type SymbolContext, type SymbolParts } from './run-symbol.js'
