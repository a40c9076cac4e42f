import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { failedReport, type SeedReport } from './run-seed.js'

/** A quarter of a minute would do, on a machine with nothing else to do; a seed that hangs is named. */
const SEED_TIMEOUT_MS = 600_000

/** Runs each seed, `jobs` at a time, in processes of their own. */
export async function runSeeds(
  seeds: readonly number[],
  jobs: number,
  onReport: (report: SeedReport) => void,
): Promise<void> {
  const left = [...seeds]
  const work = async () => {
    let worker: ChildProcess | undefined
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      worker ??= fork(fileURLToPath(new URL('worker.ts', import.meta.url)))
      const report = await runIn(worker, seed)
      onReport(report ?? failedReport(seed, ['it ended or hung']))
      if (report) continue
      worker.kill('SIGKILL')
      worker = undefined
    }
    worker?.kill()
  }
  await Promise.all(Array.from({ length: Math.min(jobs, seeds.length) }, work))
}

function runIn(worker: ChildProcess, seed: number): Promise<SeedReport | undefined> {
  return new Promise((resolve) => {
    const end = (report?: SeedReport) => {
      clearTimeout(timer)
      worker.removeAllListeners()
      resolve(report)
    }
    const timer = setTimeout(end, SEED_TIMEOUT_MS)
    worker.once('message', (report: SeedReport) => end(report))
    worker.once('exit', () => end())
    worker.send(seed)
  })
}
