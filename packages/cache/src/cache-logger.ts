/** What of a logger is used; pino's fits. */
export interface CacheLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}
