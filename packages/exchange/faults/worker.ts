import { failedReport, runSeed } from './run-seed.js'

// Runs the seeds that its parent sends, one after the other.
process.on('message', async (seed: number) => {
  try {
    process.send?.(await runSeed(seed))
  } catch (error) {
    const problems = [`${error instanceof Error ? error.stack : String(error)}`]
    process.send?.(failedReport(seed, problems))
  }
})
process.on('disconnect', () => process.exit())
