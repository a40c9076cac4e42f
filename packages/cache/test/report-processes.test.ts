import { type Clock, systemClock } from '@fullon/market'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type NewProcess, ProcessCache, reportProcesses } from '../src/index.js'
import { setUp } from './support/outage.js'
import { hasRedisServer } from './support/redis-server.js'
import { stores } from './support/stores.js'
import { waitUntil } from './support/wait-until.js'

/** Ten seconds are over in ten milliseconds. */
const clock: Clock = { now: Date.now, sleep: (delayMs, options) => systemClock.sleep(delayMs / 1_000, options) }

/** A program that reports until the test ends. */
function start(cache: Cache, processes: () => readonly NewProcess[]) {
  const stop = new AbortController()
  const warnings: string[] = []
  const logger = { info: () => {}, warn: (_: object, message: string) => void warnings.push(message) }
  const ended = reportProcesses({ cache, processes, clock, signal: stop.signal, logger })
  onTestFinished(async () => {
    stop.abort()
    await ended
  })
  return { stop, ended, warnings }
}

describe.each(stores)('reportProcesses in $name', (store) => {
  it('shows what runs as it is now, and as stopped once the program ends', async () => {
    await using cache = await store.open()
    const processes = new ProcessCache(cache)
    let status: NewProcess['status'] = 'starting'
    const { stop, ended } = start(cache, () => [{ type: 'ohlcv', component: 'a', status }])
    const shown = () => processes.getComponentStatus('a')
    await waitUntil('it is shown', async () => (await shown())?.status === 'starting')
    status = 'running'
    await waitUntil('it is shown as running', async () => (await shown())?.status === 'running')
    const { processId } = (await shown())!
    stop.abort()
    await ended
    expect(await processes.getProcess(processId)).toMatchObject({ status: 'stopped' })
    expect(await processes.getActiveProcesses()).toEqual([])
  })

  it('shows what runs as stopped when the program is told to end during a report', async () => {
    await using cache = await store.open()
    const { stop, ended } = start(cache, () => {
      queueMicrotask(() => stop.abort())
      return [{ type: 'ohlcv', component: 'a', status: 'running' }]
    })
    await ended
    expect(await new ProcessCache(cache).getActiveProcesses()).toEqual([])
  })
})

describe.skipIf(!hasRedisServer)('reportProcesses while Redis is away (needs redis-server on the PATH)', () => {
  it('warns once, goes on, and is seen again once Redis is back, emptied', async () => {
    const { proxy, cache, server } = await setUp()
    const processes = new ProcessCache(cache)
    const { warnings } = start(cache, () => [{ type: 'ohlcv', component: 'a', status: 'running' }])
    const isShown = async () => (await processes.getComponentStatus('a').catch(() => undefined))?.status === 'running'
    await waitUntil('it is shown', isShown)
    proxy.refuse()
    await waitUntil('it warned', () => warnings.length > 0)
    await clock.sleep(100_000) // ten more reports
    expect(warnings).toEqual(['health not reported'])
    await server.kill()
    await server.start()
    proxy.heal()
    await waitUntil('it is shown again', isShown)
  })

  it('ends with its signal all the same', async () => {
    const { proxy, cache } = await setUp({ refuse: true })
    const { stop, ended, warnings } = start(cache, () => [{ type: 'ohlcv', component: 'a', status: 'running' }])
    await waitUntil('it warned', () => warnings.length > 0)
    proxy.fallSilent()
    stop.abort()
    await ended
  })
})
