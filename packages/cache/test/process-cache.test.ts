import { describe, expect, it } from 'vitest'
import { type Cache, ProcessCache, type ProcessType } from '../src/index.js'
import { ManualClock } from './support/manual-clock.js'
import { stores } from './support/stores.js'

const MINUTE_MS = 60_000
const START = Date.parse('2024-01-01T00:00:00Z')

describe.each(stores)('ProcessCache in $name', (store) => {
  it("is readable for a monitor of Python's fullon_cache: keys, fields, times with offset", async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const processes = new ProcessCache(cache, { newId: () => '7' })
    const id = await processes.registerProcess({ type: 'ohlcv', component: 'kraken:BTC/USD', params: { days: 30 } })
    expect(id).toBe('ohlcv:kraken:BTC/USD:7')
    const [data, active, components] = await cache.driver.run([
      { op: 'get', key: cache.keys.processData(id) },
      { op: 'hashGetAll', key: cache.keys.activeProcesses('ohlcv') },
      { op: 'hashGetAll', key: cache.keys.components },
    ])
    const time = '2024-01-01T00:00:00.000+00:00'
    expect(JSON.parse(data ?? '')).toEqual({
      process_id: id,
      process_type: 'ohlcv',
      component: 'kraken:BTC/USD',
      params: { days: 30 },
      status: 'starting',
      message: 'Process kraken:BTC/USD registered',
      created_at: time,
      updated_at: time,
      heartbeat: time,
    })
    expect([...active]).toEqual([[id, time]])
    expect([...components]).toEqual([['kraken:BTC/USD', id]])
  })

  it('reads and updates what Python wrote, and keeps the fields it does not know', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const record = {
      process_id: 'tick:t:1704067200.123456',
      process_type: 'tick',
      component: 't',
      params: { nested: [], big: 9007199254740991 },
      status: 'running',
      message: 'from Python',
      created_at: '2024-01-01T00:00:00.123456+00:00',
      updated_at: '2024-01-01T00:00:00+00:00',
      heartbeat: '2024-01-01T02:00:00+02:00',
      host: 'a',
    }
    const id = record.process_id
    await cache.driver.run([
      { op: 'set', key: cache.keys.processData(id), value: JSON.stringify(record), ttlMs: MINUTE_MS },
      { op: 'hashSet', key: cache.keys.activeProcesses('tick'), field: id, value: record.updated_at },
    ])
    const processes = new ProcessCache(cache)
    expect(await processes.getActiveProcesses()).toMatchObject([{ createdAt: START + 123, heartbeat: START }])
    await processes.updateProcess(id, { params: { more: true } })
    const [text] = await cache.driver.run([{ op: 'get', key: cache.keys.processData(id) }])
    const updated = JSON.parse(text ?? '')
    expect(updated).toMatchObject({ host: 'a', message: 'from Python', heartbeat: '2024-01-01T00:00:00.000+00:00' })
    expect(updated.params).toEqual({ ...record.params, more: true })
  })

  it('lists who is alive by the heartbeat, not by the last write, the last updated first', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const processes = new ProcessCache(cache)
    const [stale, alive] = [await register(cache, 'ohlcv', 'stale'), await register(cache, 'ohlcv', 'alive')]
    await register(cache, 'bot', 'other')
    clock.advance(5 * MINUTE_MS)
    expect(await componentsOf(processes.getActiveProcesses())).toEqual(['alive', 'other', 'stale'])
    await processes.updateProcess(alive)
    clock.advance(1)
    await processes.updateProcess(stale, { message: 'written by a watchdog', heartbeat: false })
    expect(await componentsOf(processes.getActiveProcesses())).toEqual(['alive'])
    const inOrder = (await processes.getActiveProcesses({ sinceMinutes: 10 })).map(({ component }) => component)
    expect(inOrder).toEqual(['stale', 'alive', 'other'])
    expect(await componentsOf(processes.getActiveProcesses({ type: 'bot', sinceMinutes: 10 }))).toEqual(['other'])
    expect(await componentsOf(processes.getActiveProcesses({ component: 'stale', sinceMinutes: 10 }))).toEqual([
      'stale',
    ])
    expect(await processes.getActiveProcesses({ component: 'none' })).toEqual([])
  })

  it('forgets entries whose data expired when it lists, and shows the rest', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const processes = new ProcessCache(cache)
    const [gone, kept] = [await register(cache, 'ohlcv', 'gone'), await register(cache, 'ohlcv', 'kept')]
    await cache.driver.run([{ op: 'delete', key: cache.keys.processData(gone) }])
    expect(await componentsOf(processes.getActiveProcesses())).toEqual(['kept'])
    const [active, components] = await cache.driver.run([
      { op: 'hashGetAll', key: cache.keys.activeProcesses('ohlcv') },
      { op: 'hashGetAll', key: cache.keys.components },
    ])
    expect([...active.keys()]).toEqual([kept])
    expect([...components]).toEqual([['kept', kept]])
  })

  it('shows the others when an entry cannot be read, and says which key it is when asked for it', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const processes = new ProcessCache(cache)
    const [bad] = [await register(cache, 'ohlcv', 'bad'), await register(cache, 'ohlcv', 'good')]
    for (const value of ['not JSON', '[]', '{"process_id":1}']) {
      await cache.driver.run([{ op: 'set', key: cache.keys.processData(bad), value, ttlMs: MINUTE_MS }])
      expect(await componentsOf(processes.getActiveProcesses())).toEqual(['good'])
      await expect(processes.getProcess(bad)).rejects.toMatchObject({ code: 'INVALID' })
      await expect(processes.getProcess(bad)).rejects.toThrow(`process:data:${bad}: expected `)
      expect(await processes.updateProcesses([{ id: bad }])).toEqual([bad])
    }
  })

  it('updates a whole batch and names the processes that are gone, so that they can register again', async () => {
    const clock = new ManualClock()
    await using cache = await store.open({ clock })
    const processes = new ProcessCache(cache)
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => register(cache, 'ohlcv', `c${index}`)))
    clock.advance(MINUTE_MS)
    const updates = ['gone', ...ids].map((id) => ({ id, status: 'running', message: `at ${id}` }) as const)
    expect(await processes.updateProcesses(updates)).toEqual(['gone'])
    for (const process of await processes.getActiveProcesses({ sinceMinutes: 0 }))
      expect(process).toMatchObject({ status: 'running', message: `at ${process.processId}`, createdAt: START })
    expect(await processes.getActiveProcesses({ sinceMinutes: 0 })).toHaveLength(50)
    await expect(processes.updateProcess('gone')).rejects.toMatchObject({ code: 'NOT_FOUND', transient: false })
    await expect(processes.stopProcess('gone')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await processes.getProcess('gone')).toBeUndefined()
  })

  it('loses no update when several programs change one process at once', async () => {
    await using cache = await store.open()
    const id = await register(cache, 'ohlcv', 'shared')
    const writers = Array.from({ length: 8 }, (_, writer) =>
      new ProcessCache(cache).updateProcess(id, { params: { [`of ${writer}`]: writer } }),
    )
    await Promise.all(writers)
    const process = await new ProcessCache(cache).getProcess(id)
    expect(Object.keys(process?.params ?? {})).toHaveLength(8)
  })

  it('takes a stopped process off the list for good: a late heartbeat does not bring it back', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const processes = new ProcessCache(cache)
    const id = await register(cache, 'ohlcv', 'a')
    await processes.stopProcess(id)
    await processes.updateProcess(id)
    expect(await processes.getActiveProcesses()).toEqual([])
    expect(await processes.getProcess(id)).toMatchObject({ status: 'stopped', message: 'Process stopped' })
    expect(await processes.getComponentStatus('a')).toBeUndefined()
  })

  it('leaves the successor of a stopped process in charge of its component', async () => {
    await using cache = await store.open({ clock: new ManualClock() })
    const processes = new ProcessCache(cache)
    const [old, successor] = [await register(cache, 'ohlcv', 'a'), await register(cache, 'ohlcv', 'a')]
    await processes.stopProcess(old, 'deployed')
    expect(await processes.getComponentStatus('a')).toMatchObject({ processId: successor })
  })

  it('refuses a type that no monitor of fullon would list', async () => {
    await using cache = await store.open()
    const wrong = register(cache, 'ohlvc' as ProcessType, 'a')
    await expect(wrong).rejects.toThrow('type: expected one of tick ohlcv bot account order')
  })
})

function register(cache: Cache, type: ProcessType, component: string): Promise<string> {
  return new ProcessCache(cache).registerProcess({ type, component })
}

async function componentsOf(processes: Promise<readonly { readonly component: string }[]>): Promise<string[]> {
  return (await processes).map(({ component }) => component).sort()
}
