import { describe, expect, it } from 'vitest'
import { stores } from './support/stores.js'
import { waitUntil } from './support/wait-until.js'

const LONG_MS = 60_000

describe.each(stores)('the $name driver', (store) => {
  it('gives back what was set until its lifetime ends', async () => {
    await using cache = await store.open()
    const [key, short] = [cache.keys.processData('a'), cache.keys.processData('b')]
    const results = await cache.driver.run([
      { op: 'get', key },
      { op: 'set', key, value: 'ünïcode 🎈', ttlMs: LONG_MS },
      { op: 'set', key: short, value: 'short', ttlMs: 30 },
      { op: 'get', key },
      { op: 'get', key: short },
    ])
    expect(results).toEqual([undefined, undefined, undefined, 'ünïcode 🎈', 'short'])
    await waitUntil('the short-lived value is gone', async () => {
      const [value] = await cache.driver.run([{ op: 'get', key: short }])
      return value === undefined
    })
    expect(await cache.driver.run([{ op: 'get', key }])).toEqual(['ünïcode 🎈'])
    await cache.driver.run([{ op: 'delete', key }])
    expect(await cache.driver.run([{ op: 'get', key }])).toEqual([undefined])
  })

  it('gives many values at once, each at its place, and none for what holds no text', async () => {
    await using cache = await store.open()
    const keys = Array.from({ length: 1_500 }, (_, n) => cache.keys.processData(`many ${n}`))
    const [first = '', second = '', third = ''] = keys
    await cache.driver.run([
      { op: 'set', key: first, value: 'a', ttlMs: LONG_MS },
      { op: 'set', key: keys[1_499] ?? '', value: 'z', ttlMs: LONG_MS },
      { op: 'hashSet', key: second, field: 'a', value: '1' },
    ])
    const [texts, none] = await cache.driver.run([
      { op: 'getMany', keys },
      { op: 'getMany', keys: [] },
    ])
    expect(texts).toHaveLength(1_500)
    expect([texts[0], texts[1], texts[1_499]]).toEqual(['a', undefined, 'z'])
    expect(none).toEqual([])
    expect(await cache.driver.run([{ op: 'getMany', keys: [third, first] }], { loose: true })).toEqual([
      [undefined, 'a'],
    ])
  })

  it('sets many fields of a hash at once, more than a script takes in one command', async () => {
    await using cache = await store.open()
    const key = cache.keys.components
    const fields = new Map(Array.from({ length: 5_000 }, (_, n) => [`field ${n}`, `value ${n}`]))
    await cache.driver.run([
      { op: 'hashSet', key, field: 'field 1', value: 'old' },
      { op: 'hashSetMany', key, fields },
      { op: 'hashSetMany', key, fields: new Map() },
    ])
    const [all] = await cache.driver.run([{ op: 'hashGetAll', key }])
    expect(new Map(all)).toEqual(fields)
  })

  it('replaces a value only while it is the expected one, so no change by another is lost', async () => {
    await using cache = await store.open()
    const key = cache.keys.processData('a')
    const replace = (expected: string, value: string) =>
      ({ op: 'replace', key, expected, value, ttlMs: LONG_MS }) as const
    expect(await cache.driver.run([replace('', 'x')])).toEqual([false])
    await cache.driver.run([{ op: 'set', key, value: '1', ttlMs: LONG_MS }])
    expect(await cache.driver.run([replace('1', '2'), replace('1', '3'), { op: 'get', key }])).toEqual([
      true,
      false,
      '2',
    ])
  })

  it('keeps hash fields, whatever their names, and deletes one only while it is the expected one', async () => {
    await using cache = await store.open()
    const key = cache.keys.components
    const names = ['10', '9', '__proto__', 'constructor', 'BTC/USDT:USDT', '']
    await cache.driver.run(names.map((field) => ({ op: 'hashSet', key, field, value: `of ${field}` }) as const))
    const [all, one, none] = await cache.driver.run([
      { op: 'hashGetAll', key },
      { op: 'hashGet', key, field: '__proto__' },
      { op: 'hashGet', key, field: 'absent' },
    ])
    expect(new Map(all)).toEqual(new Map(names.map((name) => [name, `of ${name}`])))
    expect([one, none]).toEqual(['of __proto__', undefined])
    await cache.driver.run([
      { op: 'hashDelete', key, field: '9', expected: 'of 10' },
      { op: 'hashDelete', key, field: '10', expected: 'of 10' },
      { op: 'hashDelete', key, field: '__proto__' },
      { op: 'hashDelete', key, field: 'absent' },
    ])
    const [rest] = await cache.driver.run([{ op: 'hashGetAll', key }])
    expect([...rest.keys()].sort()).toEqual(['', '9', 'BTC/USDT:USDT', 'constructor'])
  })

  it('reads what does not exist as empty', async () => {
    await using cache = await store.open()
    const key = cache.keys.components
    const results = await cache.driver.run([
      { op: 'hashGetAll', key },
      { op: 'sortedTail', key, count: 5 },
      { op: 'listTail', key, count: 5 },
      { op: 'hashDelete', key, field: 'a' },
      { op: 'hashDelete', key, field: 'a', expected: 'b' },
      { op: 'delete', key },
      { op: 'sortedPut', key, entries: [], keep: 1 },
      { op: 'listPush', key, values: [], keep: 1 },
    ])
    expect(results).toEqual([new Map(), [], [], undefined, undefined, undefined, undefined, undefined])
    expect(await cache.driver.run([])).toEqual([])
  })

  it('forgets a key whose last field is deleted, so that it may become something else', async () => {
    await using cache = await store.open()
    const key = cache.keys.components
    await cache.driver.run([
      { op: 'hashSet', key, field: 'a', value: '1' },
      { op: 'hashDelete', key, field: 'a' },
      { op: 'listPush', key, values: ['x'], keep: 5 },
    ])
    expect(await cache.driver.run([{ op: 'listTail', key, count: 5 }])).toEqual([['x']])
  })

  it('keeps one value a score, the highest scores, in order of number and not of text', async () => {
    await using cache = await store.open()
    const key = cache.keys.components
    const put = (...scores: number[]) =>
      ({ op: 'sortedPut', key, entries: scores.map((score) => ({ score, value: `${score}` })), keep: 4 }) as const
    await cache.driver.run([put(10, 9, -1), put(100)])
    expect(await cache.driver.run([{ op: 'sortedTail', key, count: 10 }])).toEqual([['-1', '9', '10', '100']])
    const corrected = { score: 9, value: 'nine' }
    await cache.driver.run([
      put(11, 1.7e12),
      { op: 'sortedPut', key, entries: [corrected], keep: 4 },
      {
        op: 'sortedPut',
        key,
        entries: [
          { score: 10, value: 'first' },
          { score: 10, value: 'last' },
        ],
        keep: 4,
      },
    ])
    const results = await cache.driver.run([
      { op: 'sortedTail', key, count: 10 },
      { op: 'sortedTail', key, count: 2 },
    ])
    expect(results).toEqual([
      ['last', '11', '100', '1700000000000'],
      ['100', '1700000000000'],
    ])
  })

  it('has no trace of the value that another of the same score replaced', async () => {
    await using cache = await store.open()
    const key = cache.keys.components
    const put = (...values: string[]) =>
      ({ op: 'sortedPut', key, entries: values.map((value, score) => ({ score, value })), keep: 9 }) as const
    const results = await cache.driver.run([
      put('a', 'b'),
      put('z', 'b', 'c'),
      put('a'),
      { op: 'sortedTail', key, count: 9 },
    ])
    expect(results.at(-1)).toEqual(['a', 'b', 'c'])
  })

  it('keeps the newest of a list', async () => {
    await using cache = await store.open()
    const key = cache.keys.components
    await cache.driver.run([
      { op: 'listPush', key, values: ['a', 'b'], keep: 3 },
      { op: 'listPush', key, values: ['c', 'd', 'd'], keep: 4 },
    ])
    const results = await cache.driver.run([
      { op: 'listTail', key, count: 9 },
      { op: 'listTail', key, count: 2 },
    ])
    expect(results).toEqual([
      ['b', 'c', 'd', 'd'],
      ['d', 'd'],
    ])
  })

  it('takes from a list what nobody else gets, and forgets it when nothing is left', async () => {
    await using cache = await store.open()
    const key = cache.keys.components
    const pop = (count: number) => ({ op: 'listPop', key, count }) as const
    const push = { op: 'listPush', key, values: ['a', 'b', 'c', 'd', 'e'], keep: 9 } as const
    const [none, , two] = await cache.driver.run([pop(1), push, pop(2)])
    expect([none, two]).toEqual([[], ['a', 'b']])
    const taken = await Promise.all([1, 2, 3, 4].map(() => cache.driver.run([pop(1)])))
    expect(taken.flat(2).sort()).toEqual(['c', 'd', 'e'])
    await cache.driver.run([{ op: 'hashSet', key, field: 'a', value: '1' }])
  })

  it('lets a key live as long as it was last told', async () => {
    await using cache = await store.open()
    const [key, other] = [cache.keys.components, cache.keys.processData('a')]
    await cache.driver.run([
      { op: 'hashSet', key, field: 'a', value: '1' },
      { op: 'expire', key, ttlMs: 20 },
      { op: 'set', key: other, value: 'kept', ttlMs: 20 },
      { op: 'expire', key: other, ttlMs: LONG_MS },
      { op: 'expire', key: cache.keys.processData('none'), ttlMs: LONG_MS },
    ])
    await waitUntil('the hash is gone', async () => {
      const [hash] = await cache.driver.run([{ op: 'hashGetAll', key }])
      return hash.size === 0
    })
    expect(await cache.driver.run([{ op: 'get', key: other }])).toEqual(['kept'])
  })

  it('takes batches and values of any number, in order', async () => {
    await using cache = await store.open()
    const [list, sorted] = [cache.keys.components, cache.keys.processData('a')]
    const values = Array.from({ length: 12_345 }, (_, n) => `${n}`)
    const entries = values.map((value, score) => ({ score, value }))
    const pushes = Array.from({ length: 40_000 }, (_, n) => `x${n}`).map(
      (value) => ({ op: 'listPush', key: list, values: [value], keep: 100_000 }) as const,
    )
    await cache.driver.run([
      { op: 'listPush', key: list, values, keep: 100_000 },
      { op: 'sortedPut', key: sorted, entries, keep: 12_000 },
      ...pushes,
    ])
    const [all, highest] = await cache.driver.run([
      { op: 'listTail', key: list, count: 100_000 },
      { op: 'sortedTail', key: sorted, count: 100_000 },
    ])
    expect(all).toEqual([...values, ...pushes.map((push) => push.values[0])])
    expect(highest).toEqual(values.slice(345))
  })

  it('says when a key holds something else, and has executed the rest of the batch', async () => {
    await using cache = await store.open()
    const [key, other] = [cache.keys.components, cache.keys.processData('a')]
    await cache.driver.run([{ op: 'set', key, value: 'text', ttlMs: LONG_MS }])
    const batch = cache.driver.run([
      { op: 'hashSet', key, field: 'a', value: 'b' },
      { op: 'hashDelete', key, field: 'a', expected: 'b' },
      { op: 'set', key: other, value: 'done', ttlMs: LONG_MS },
    ])
    await expect(batch).rejects.toMatchObject({ name: 'CacheError', code: 'REFUSED', transient: false })
    await expect(cache.driver.run([{ op: 'listTail', key, count: 1 }])).rejects.toMatchObject({ code: 'REFUSED' })
    expect(await cache.driver.run([{ op: 'get', key: other }])).toEqual(['done'])
  })

  it('executes a loose batch in order, too, and the rest of it when a part is refused', async () => {
    await using cache = await store.open()
    const [list, hash] = [cache.keys.components, cache.keys.processData('a')]
    const values = Array.from({ length: 1_500 }, (_, n) => `${n}`)
    const batch = [
      { op: 'listPush', key: list, values, keep: 1_200 },
      { op: 'hashSet', key: hash, field: 'a', value: '1' },
      { op: 'listPush', key: list, values: ['last'], keep: 3 },
      { op: 'publish', channel: cache.keys.components, message: 'text' },
    ] as const
    expect(await cache.driver.run(batch, { loose: true })).toEqual([undefined, undefined, undefined, 0])
    const read = [
      { op: 'listTail', key: list, count: 2_000 },
      { op: 'hashGetAll', key: hash },
    ] as const
    const expected = [['1498', '1499', 'last'], new Map([['a', '1']])]
    expect(await cache.driver.run(read, { loose: true })).toEqual(expected)
    const wrong = { op: 'hashSet', key: list, field: 'a', value: 'b' } as const
    const refused = cache.driver.run([wrong, { op: 'expire', key: hash, ttlMs: 0 }], { loose: true })
    await expect(refused).rejects.toMatchObject({ name: 'CacheError', code: 'REFUSED', transient: false })
    await waitUntil('it has expired', async () => {
      const [fields] = await cache.driver.run([{ op: 'hashGetAll', key: hash }])
      return fields.size === 0
    })
  })
})
