// The service as a process of its own, on the simulator's clock and endpoints. Its parent kills it at will.
import { configureLogger, getComponentLogger } from '@fullon/log'
import { runService } from '@fullon/ohlcv-service'
import { createSimulatedClock } from '@fullon/simulator'
import type { ServiceEntryOptions } from './service-process.js'

const { databaseUrl, ccxtOptions, clock, logFile } = JSON.parse(process.argv[2] ?? '{}') as ServiceEntryOptions // cast: our parent wrote it
configureLogger({ destination: logFile, level: 'debug' })
const log = getComponentLogger('fullon.ohlcv.daemon')
await using service = await runService({ databaseUrl, ccxtOptions, clock: createSimulatedClock(clock), log })
process.once('SIGTERM', () => service.close())
await service.ended
