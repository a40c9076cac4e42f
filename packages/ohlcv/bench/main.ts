// Run with `npm run bench` in the root or this package: `--rows N` stored while reading and
// at the end of growth, `--only saving,live,gaps,reading` (the default) or `growth`,
// `--write` to put the table into the README. Needs psql.
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { benchGaps } from './gaps.js'
import { benchGrowth } from './growth.js'
import { benchLive } from './live.js'
import { benchReading } from './reading.js'
import { Report } from './report.js'
import { benchSaving } from './saving.js'
import { openServer } from './server.js'

const PARTS = { saving: benchSaving, live: benchLive, gaps: benchGaps, reading: benchReading, growth: benchGrowth }

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000' },
    only: { type: 'string', default: 'saving,live,gaps,reading' },
    write: { type: 'boolean', default: false },
  },
})
const report = new Report()
const conditions = `PostgreSQL ${await versionOf()} with its defaults and fsync, Node ${process.version}, ${cpus().length} cores with a load of ${Math.round(loadavg()[0] ?? 0)} by others, ${new Date().toISOString().slice(0, 10)}.`
process.stdout.write(`${conditions}\n`)
for (const [name, run] of Object.entries(PARTS)) {
  if (!values.only.split(',').includes(name)) continue
  await using server = await openServer()
  await run(server, report, Number(values.rows))
}
if (values.write) await report.write(conditions)

async function versionOf(): Promise<string> {
  await using server = await openServer()
  const [row] = await server.sql`select split_part(version(), ' ', 2) as version`
  return row?.version
}
