import { fileURLToPath } from 'node:url'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import { DatabaseError } from 'pg'
import type { Database } from './connection.js'
import { OrmError } from './errors.js'

const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url)) // beside src and dist alike

const SUBJECT = 'DatabaseContext.open'
/** While a change of a table waits for it, whoever comes to that table after it waits, too. */
const LOCK_TIMEOUT_MS = 5_000

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const USED_BY_VIEW = '0A000'
const LOCKED = '55P03'

/** As drizzle's own migrator keeps it, under a name no other package uses. */
const APPLIED = 'drizzle.fullon_orm_migrations'

/**
 * Applies the migrations that are missing, all or nothing. Processes that start at once queue at the
 * lock, and the later ones find nothing to do; a role that may create nothing can open what is complete.
 *
 * It is one statement, so that it needs no connection of its own and a lost one leaves nothing half made.
 */
export async function migrateDatabase(db: Database): Promise<void> {
  try {
    await db.execute(sql.raw(buildScript(readMigrationFiles({ migrationsFolder: FOLDER }))))
  } catch (error) {
    throw explain(error)
  }
}

/** What is in the way, where a person can clear it. */
function explain(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error
  if (!(cause instanceof DatabaseError)) return error
  if (cause.code === USED_BY_VIEW) {
    const message = `${SUBJECT}: expected columns that can be widened, got ${cause.detail} (drop it, make it again after)`
    return new OrmError('INVALID', message, { cause })
  }
  if (cause.code === LOCKED) {
    const got = `a session that holds one for ${LOCK_TIMEOUT_MS} ms`
    const message = `${SUBJECT}: expected tables to itself, got ${got} (pg_stat_activity: idle in transaction?)`
    return new OrmError('UNAVAILABLE', message, { cause, transient: true })
  }
  return error
}

function buildScript(migrations: readonly MigrationMeta[]): string {
  return `do ${quote(`begin
    perform pg_advisory_xact_lock(hashtextextended('${APPLIED}', 0));
    perform set_config('lock_timeout', '${LOCK_TIMEOUT_MS}', true);
    if to_regclass('${APPLIED}') is null then
      create schema if not exists drizzle;
      create table ${APPLIED} (id serial primary key, hash text not null, created_at bigint);
    end if;
    ${migrations.map(buildStep).join('\n')}
  end`)}`
}

function buildStep({ sql: statements, folderMillis, hash }: MigrationMeta): string {
  return `if not exists (select from ${APPLIED} where created_at >= ${folderMillis}) then
      execute ${quote(statements.join('\n'))};
      insert into ${APPLIED} (hash, created_at) values (${quote(hash)}, ${folderMillis});
    end if;`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
