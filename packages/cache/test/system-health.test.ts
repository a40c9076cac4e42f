import { describe, expect, it } from 'vitest'
import { type Cache, ProcessCache, type ProcessType } from '../src/index.js'
import { ManualClock } from './support/manual-clock.js'
import { stores } from './support/stores.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

describe.each(stores)('the health of the system in $name', (store) => {
  it('is not well when nothing runs: no processes is what an outage looks like', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    expect(await new ProcessCache(cache).getSystemHealth()).toEqual({
      healthy: false,
      totalProcesses: 0,
      byType: {},
      byStatus: {},
      staleProcesses: 0,
      errorProcesses: 0,
    })
  })

  it('counts who runs, and is not well when one fails or falls silent', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const processes = new ProcessCache(cache)
    const [a, b] = [await register(cache, 'ohlcv', 'a'), await register(cache, 'ohlcv', 'b')]
    const stopped = await register(cache, 'bot', 'c')
    await register(cache, 'tick', 'd')
    await processes.stopProcess(stopped)
    await processes.updateProcess(a, { status: 'running' })
    expect(await processes.getSystemHealth()).toEqual({
      healthy: true,
      totalProcesses: 3,
      byType: { ohlcv: 2, tick: 1 },
      byStatus: { running: 1, starting: 2 },
      staleProcesses: 0,
      errorProcesses: 0,
    })
    await processes.updateProcess(b, { status: 'error' })
    expect(await processes.getSystemHealth()).toMatchObject({ healthy: false, errorProcesses: 1 })
    await processes.updateProcess(b, { status: 'running' })
    clock.advance(5 * MINUTE_MS + 1)
    await processes.updateProcesses([{ id: a }, { id: b }])
    expect(await processes.getSystemHealth()).toMatchObject({ healthy: false, totalProcesses: 3, staleProcesses: 1 })
    expect(await processes.getSystemHealth({ staleMinutes: 6 })).toMatchObject({ healthy: true })
  })

  it('is well again once what was killed runs again, although nobody stopped the dead one', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const processes = new ProcessCache(cache)
    await register(cache, 'ohlcv', 'a')
    clock.advance(HOUR_MS)
    expect(await processes.getSystemHealth()).toMatchObject({ healthy: false, staleProcesses: 1 })
    await register(cache, 'ohlcv', 'b')
    expect(await processes.getSystemHealth()).toMatchObject({ healthy: false, staleProcesses: 1 })
    await register(cache, 'ohlcv', 'a')
    expect(await processes.getSystemHealth()).toMatchObject({ healthy: true, totalProcesses: 2, staleProcesses: 0 })
  })

  it('cleans up who gave no sign of life, by the heartbeat, and nobody else', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const processes = new ProcessCache(cache)
    const [dead, alive] = [await register(cache, 'ohlcv', 'dead'), await register(cache, 'bot', 'alive')]
    clock.advance(30 * MINUTE_MS)
    await processes.updateProcess(dead, { message: 'written by a watchdog', heartbeat: false })
    await processes.updateProcess(alive)
    expect(await processes.cleanupStaleProcesses()).toEqual([])
    clock.advance(1)
    expect(await processes.cleanupStaleProcesses()).toEqual([dead])
    expect(await processes.cleanupStaleProcesses()).toEqual([])
    expect(await processes.getProcess(dead)).toMatchObject({
      status: 'stopped',
      message: 'Process stale for 30 minutes',
      heartbeat: clock.now() - 30 * MINUTE_MS - 1,
    })
    expect(await processes.getComponentStatus('dead')).toBeUndefined()
    expect(await processes.getActiveProcesses({ sinceMinutes: 60 })).toMatchObject([{ processId: alive }])
  })

  it('does not stop a process that gives a sign of life while it cleans up', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const id = await register(cache, 'ohlcv', 'late')
    clock.advance(HOUR_MS)
    const late = new ProcessCache(cache)
    let isFirst = true
    // Between what the clean-up reads and what it writes, the process reports.
    const run = async (ops: Parameters<typeof cache.driver.run>[0]) => {
      if (isFirst && ops.some(({ op }) => op === 'replace')) {
        isFirst = false
        await late.updateProcess(id, { status: 'running' })
      }
      return cache.driver.run(ops)
    }
    const driver = Object.assign(Object.create(cache.driver), { run })
    expect(await new ProcessCache({ ...cache, driver }).cleanupStaleProcesses()).toEqual([])
    expect(isFirst).toBe(false)
    expect(await late.getActiveProcesses()).toMatchObject([{ processId: id, status: 'running' }])
    expect(await late.getComponentStatus('late')).toMatchObject({ processId: id })
  })

  it('does not grow by what a service leaves behind that crashes and starts again', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const first = await register(cache, 'ohlcv', 'a')
    await cache.driver.run([{ op: 'delete', key: cache.keys.processData(first) }]) // as a day does
    clock.advance(25 * HOUR_MS)
    const second = await register(cache, 'ohlcv', 'b')
    const [active, components] = await cache.driver.run([
      { op: 'hashGetAll', key: cache.keys.activeProcesses('ohlcv') },
      { op: 'hashGetAll', key: cache.keys.components },
    ])
    expect([...active.keys()]).toEqual([second])
    expect([...components]).toEqual([['b', second]])
  })
})

function register(cache: Cache, type: ProcessType, component: string): Promise<string> {
  return new ProcessCache(cache).registerProcess({ type, component })
}
