// The service as a process of its own, on the simulator's clock and endpoints. Its parent kills it at will.
import { runDaemon } from '@fullon/daemon'
import { configureLogger, getComponentLogger } from '@fullon/log'
import { runService } from '@fullon/ohlcv-service'
import { createSimulatedClock } from '@fullon/simulator'
import type { ServiceEntryOptions } from './service-process.js'

const options = JSON.parse(process.argv[2] ?? '{}') as ServiceEntryOptions // cast: our parent wrote it
configureLogger({ destination: options.logFile, level: 'debug' })
const time = createSimulatedClock(options.clock)
let { aheadMs } = options
process.on('message', (message) => {
  aheadMs = (message as { aheadMs: number }).aheadMs // cast: our parent sent it
})
process.once('disconnect', () => process.exit(1)) // nobody would end us any more
/** The machine's clock: what it shows jumps, what a wait takes does not. */
const clock = { now: () => time.now() + aheadMs, sleep: time.sleep }

const log = getComponentLogger('fullon.ohlcv.daemon')
const run = async (signal: AbortSignal) => {
  await using service = await runService({ ...options.service, clock, log, signal })
  await service.ended
}
await runDaemon({ env: { SHUTDOWN_MS: '30000' }, logger: log, run }) // a busy machine is slow at ending, too
process.removeAllListeners('disconnect')
process.disconnect()
