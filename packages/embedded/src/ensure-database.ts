import postgres from 'postgres'
import { withDatabase } from './server-url.js'

const NO_SUCH_DATABASE = '3D000'
const DUPLICATE_DATABASE = '42P04'
/** Two creations at the same moment: the loser fails on the catalogue's index. */
const UNIQUE_VIOLATION = '23505'

/** Creates the database where it is missing, and gives the url to it. */
export async function ensureDatabase(serverUrl: string, database: string): Promise<string> {
  const url = withDatabase(serverUrl, database)
  const missing = await runOnce(url, (sql) => sql`select 1`).then(
    () => false,
    (error: unknown) => {
      if (codeOf(error) === NO_SUCH_DATABASE) return true
      throw error
    },
  )
  if (missing) {
    await runOnce(serverUrl, (sql) => sql`create database ${sql(database)}`).catch((error: unknown) => {
      if (![DUPLICATE_DATABASE, UNIQUE_VIOLATION].includes(codeOf(error) ?? '')) throw error
    })
  }
  return url
}

/** One statement on a connection of its own. */
export async function runOnce(url: string, run: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  try {
    await run(sql)
  } finally {
    await sql.end()
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.code : undefined
}
