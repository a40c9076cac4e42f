import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openScratchDatabase } from '@fullon/embedded'
import { DatabaseContext } from '@fullon/orm'
import { createSeededMarket, createSimulatedClock, startSimulator } from '@fullon/simulator'
import { expect, it } from 'vitest'

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
const HERE = fileURLToPath(new URL('.', import.meta.url))

/** The code under `<!-- seed: name -->`. */
function snippet(name: string): string {
  const match = new RegExp(`<!-- seed: ${name} -->\\s*\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(README)
  if (!match?.[1]) throw new Error(`the README has no snippet ${name}`)
  return match[1]
}

/** The three snippets one after the other, as a reader would paste them; what they are given are parameters. */
async function importSnippets() {
  const code = ['orm', 'exchange', 'ohlcv'].map(snippet).join('\n')
  const imports = code.match(/^import .*$/gm)!.join('\n')
  const body = code.replace(/^import .*$/gm, '')
  const folder = mkdtempSync(`${HERE}readme-`)
  try {
    writeFileSync(
      `${folder}/seed.ts`,
      `${imports}\nexport async function seed({ url, ccxtOptions, clock }) {\n${body}\nreturn { symbols, page, saved, stored: await repo.getCandles() }\n}\n`,
    )
    return await import(`${folder}/seed.ts`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

it("runs the README's three snippets as they stand", async () => {
  await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
  const since = Date.UTC(2026, 0, 5)
  const clock = createSimulatedClock({ start: since + 14 * 3_600_000, speed: 60 })
  await using simulator = await startSimulator({ market: createSeededMarket({ seed: 1, since }), clock })
  await using db = await DatabaseContext.open({ url: scratch.url })
  const { uid } = await db.users.addUser({ mail: 'reader@example.com', role: 'admin' })
  expect(uid).toBe(1)
  const catExId = await db.exchanges.installExchange('kraken')
  await db.exchanges.addUserExchange({ uid, catExId, name: 'ohlcv_account' })
  await db.symbols.addSymbol({ symbol: 'BTC/USD', catExId })

  const { seed } = await importSnippets()
  const { symbols, page, saved, stored } = await seed({ url: scratch.url, ccxtOptions: simulator.ccxtOptions, clock })
  expect(symbols).toMatchObject([{ symbol: 'BTC/USD', updateframe: '1m' }])
  expect(saved).toEqual({ inserted: stored.length, corrected: 0, deleted: 0, unchanged: 0, refused: 0 })
  expect(stored).toEqual(simulator.truth.candles('BTC/USD', '1m', page.covered))
})
