import type * as Library from '../src/index.js'

// Opens the folder given, says so in one line, and closes when its standard input ends.
const [dataDir = '', library = ''] = process.argv.slice(2)
const { openEmbeddedPostgres } = (await import(library)) as typeof Library // cast: our source, or what is built of it
const embedded = await openEmbeddedPostgres({ dataDir })
process.stdout.write(`${JSON.stringify({ url: embedded.url, attached: embedded.attached })}\n`)
process.stdin.resume()
process.stdin.on('end', () => void embedded.close().then(() => process.exit()))
