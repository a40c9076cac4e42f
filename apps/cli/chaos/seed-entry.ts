// One seed as a process of its own: what hangs in it can be given up, and what dies takes nothing else along.
import { runSeed, type SeedOptions, type SeedResult } from './run-seed.js'

export type SeedMessage = { readonly step: string } | { readonly result: SeedResult } | { readonly error: string }

const send = (message: SeedMessage) => (process.send ? process.send(message) : console.error(message))

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<SeedOptions, 'onStep'> // cast: our parent wrote it
process.once('disconnect', () => process.exit(1))
try {
  send({ result: await runSeed({ ...options, onStep: (step) => send({ step }) }) })
} catch (error) {
  send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}
process.exit()
