import { describe, expect, it } from 'vitest'
import { ProcessCache, ProcessReporter } from '../src/index.js'
import { ManualClock } from './support/manual-clock.js'
import { stores } from './support/stores.js'

describe.each(stores)('ProcessReporter in $name', (store) => {
  it('shows each component with its newest state, and one that is gone as stopped', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const processes = new ProcessCache(cache)
    const reporter = new ProcessReporter(processes)
    await reporter.report([
      { type: 'ohlcv', component: 'a', status: 'running', message: 'first' },
      { type: 'ohlcv', component: 'b', status: 'running' },
    ])
    const a = await processes.getComponentStatus('a')
    const b = await processes.getComponentStatus('b')
    await reporter.report([{ type: 'ohlcv', component: 'a', status: 'error', message: 'second', params: { gaps: 3 } }])
    expect(await processes.getProcess(a!.processId)).toMatchObject({
      status: 'error',
      message: 'second',
      params: { gaps: 3 },
    })
    expect(await processes.getProcess(b!.processId)).toMatchObject({ status: 'stopped' })
    expect((await processes.getActiveProcesses()).map(({ component }) => component)).toEqual(['a'])
  })

  it('registers anew what expired while nobody could write', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const processes = new ProcessCache(cache)
    const reporter = new ProcessReporter(processes)
    const report = { type: 'ohlcv', component: 'a', status: 'running' } as const
    await reporter.report([report])
    const first = await processes.getComponentStatus('a')
    await cache.driver.run([{ op: 'delete', key: cache.keys.processData(first!.processId) }])
    await reporter.report([report])
    const second = await processes.getComponentStatus('a')
    expect(second).toMatchObject({ status: 'running' })
    expect(second!.processId).not.toBe(first!.processId)
  })
})
