// Names the tests that no run has run: node scripts/check-skips.mjs REPORT.json … (vitest's JSON reports, of the same tests).
// With NO_SKIPS set, those that lack a program or a right of this machine are an error.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { ROOT } from './packages.mjs'

/** Recorded market data are nowhere but here and there, and some exchanges document less than others. */
const MAY_BE_SKIPPED = /MARKET_DATA_DIR|documented-(answers|frames)/

const ran = new Map()
for (const report of process.argv.slice(2)) {
  for (const { name, assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    for (const { fullName, status } of assertionResults) {
      const test = `${relative(ROOT, name)}: ${fullName}`
      ran.set(test, ran.get(test) || status === 'passed' || status === 'failed')
    }
  }
}
const skipped = [...ran.keys()].filter((test) => !ran.get(test))
const unexpected = skipped.filter((test) => !MAY_BE_SKIPPED.test(test))
console.log(
  `${ran.size} tests, ${skipped.length} of them nowhere run, ${unexpected.length} of these for want of something here`,
)
for (const test of unexpected) console.log(`  ${test}`)
if (process.env.NO_SKIPS && unexpected.length > 0) process.exitCode = 1
