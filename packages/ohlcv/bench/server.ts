import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedPostgres } from '@fullon/embedded'
import postgres from 'postgres'
import { type OhlcvDatabase, openOhlcv } from '../src/index.js'

/** A server of the bench's own, as safe as in production, and what talks to it. */
export interface BenchServer extends AsyncDisposable {
  readonly url: string
  readonly dataDir: string
  readonly db: OhlcvDatabase
  readonly sql: postgres.Sql
  /** Connections come back by themselves. */
  restart(): Promise<void>
  /** Waits until the server is done with what it does by itself after many writes. */
  settle(): Promise<void>
}

export async function openServer(): Promise<BenchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fullon-bench-'))
  let server = await openEmbeddedPostgres({ dataDir })
  const db = await openOhlcv({ url: server.url })
  const sql = postgres(server.url, { onnotice: () => {} })
  return {
    url: server.url,
    dataDir,
    db,
    sql,
    async restart() {
      await server.close()
      server = await openEmbeddedPostgres({ dataDir })
    },
    async settle() {
      await sql`checkpoint`
      for (;;) {
        const busy = await sql`select from pg_stat_activity where backend_type = 'autovacuum worker'`
        if (busy.length === 0) return
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    },
    async [Symbol.asyncDispose]() {
      await db.close()
      await sql.end()
      await server.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
