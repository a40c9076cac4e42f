import type { NodePgDatabase } from 'drizzle-orm/node-postgres'

/** Drizzle on one connection. */
export type Database = NodePgDatabase

/** What repositories work with: a pool, or the one connection of a transaction. */
export interface Connection {
  /**
   * Settles as `work` does, the driver's errors translated: every statement passes here.
   *
   * @param subject what is attempted, such as `symbols.addSymbol`; errors begin with it.
   */
  run<T>(subject: string, work: (db: Database) => PromiseLike<T>): Promise<T>
}
