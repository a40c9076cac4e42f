import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import type { Database } from './connection.js'

const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url)) // beside src and dist alike

/** As drizzle's own migrator keeps it, under a name no other package uses. */
const APPLIED = 'drizzle.fullon_orm_migrations'

/**
 * Applies the migrations that are missing, all or nothing. Processes that start at once queue at the
 * lock, and the later ones find nothing to do; a role that may create nothing can open what is complete.
 *
 * It is one statement, so that it needs no connection of its own and a lost one leaves nothing half made.
 */
export async function migrateDatabase(db: Database): Promise<void> {
  await db.execute(sql.raw(buildScript(readMigrationFiles({ migrationsFolder: FOLDER }))))
}

function buildScript(migrations: readonly MigrationMeta[]): string {
  return `do ${quote(`begin
    perform pg_advisory_xact_lock(hashtextextended('${APPLIED}', 0));
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
