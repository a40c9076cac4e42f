// What a series costs a day: rows, bytes on disk, requests. `npm run sizing [-- HOURS]`; the table of docs/operations.md.
// Requests are those of the unchanged service against the simulator, once it is live; bytes are what Postgres says.
import { openScratchDatabase } from '@fullon/embedded'
import { storeWeeks } from './sizing-bytes.js'
import { countRequests } from './sizing-requests.js'

const hours = Number(process.argv[2] ?? 1)
const SCENES = [
  { exchange: 'kraken', trades: 'auto' },
  { exchange: 'kraken', trades: 'on' },
  { exchange: 'binance', trades: 'auto' },
  { exchange: 'binance', trades: 'on' },
  { exchange: 'coinbaseexchange', trades: 'auto' },
] as const

console.log('| rows | sealed | bytes a row |\n| --- | --- | --- |')
for (const kind of ['candles', 'trades'] as const) {
  await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  for (const { sealed, rows, bytes } of await storeWeeks(scratch.url, kind)) {
    console.log(`| ${rows} ${kind} | ${sealed ? 'yes' : 'no'} | ${Math.round(bytes / rows)} |`)
  }
}
console.log(
  `\n| exchange | trades | requests a symbol and day (from ${hours} h) | of these |\n| --- | --- | --- | --- |`,
)
for (const scene of SCENES) {
  await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const { aDay, byEndpoint } = await countRequests(scratch.url, { ...scene, hours })
  console.log(`| ${scene.exchange} | ${scene.trades} | ${aDay} | ${byEndpoint} |`)
}
