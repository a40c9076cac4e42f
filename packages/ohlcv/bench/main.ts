// Run with `npm run bench` in the root or this package: `--only saving,reading`,
// `--write` to put the table into the README. Needs psql.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { Report } from './report.js'
import { benchSaving } from './saving.js'
import { openServer } from './server.js'

const PARTS = { saving: benchSaving }

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
    write: { type: 'boolean', default: false },
  },
})
await using server = await openServer()
const report = new Report()
const [row] = await server.sql`select split_part(version(), ' ', 2) as version`
const conditions = `PostgreSQL ${row?.version} with its defaults and fsync, Node ${process.version}, ${cpus().length} cores shared with others, ${new Date().toISOString().slice(0, 10)}.`
process.stdout.write(`${conditions}\n`)
for (const [name, run] of Object.entries(PARTS)) {
  if (values.only.split(',').includes(name)) await run(server, report)
}
if (values.write) await report.write(conditions)
