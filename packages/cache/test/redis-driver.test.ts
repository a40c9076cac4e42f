import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { openCache } from '../src/index.js'
import { toScripts } from '../src/redis-script.js'
import { hasRedisServer, RedisServer } from './support/redis-server.js'

describe.skipIf(!hasRedisServer)('the Redis driver (needs redis-server on the PATH)', () => {
  // All batches arrive while Redis is busy, and each is larger than what it reads at once from a connection (16 KB):
  // so it looks at the others in between.
  it('executes a batch with nothing of another program in between', async () => {
    await using server = await RedisServer.open()
    const url = `redis://127.0.0.1:${server.port}`
    const timeoutMs = 60_000 // the busy work below takes as long as this machine does
    await using a = await openCache({ url, timeoutMs })
    await using b = await openCache({ url, timeoutMs })
    const push = (text: string) => ({ op: 'listPush', key: 'list', values: [text.repeat(100)], keep: 100_000 }) as const
    const busy = new Redis(url)
    await busy.ping()
    const busyWork = busy.eval('local x = 0; for i = 1, 3e7 do x = x + i end', 0)
    await Promise.all(
      [a, b, a, b].map((cache, turn) => cache.driver.run(Array.from({ length: 2_000 }, () => push(String(turn))))),
    )
    await busyWork
    busy.disconnect()
    const [values] = await a.driver.run([{ op: 'listTail', key: 'list', count: 100_000 }])
    const runs = values.filter((value, index) => value !== values[index - 1])
    expect([values.length, runs.length]).toEqual([8_000, 4])
  })

  it('uses the database and the key prefix it was told to', async () => {
    await using server = await RedisServer.open()
    await using cache = await openCache({ url: `redis://127.0.0.1:${server.port}/3`, keyPrefix: 'mine:' })
    await cache.driver.run([{ op: 'set', key: cache.keys.processData('a'), value: '1', ttlMs: 60_000 }])
    expect(await server.command('info', 'keyspace')).toContain('db3:keys=1,expires=1')
    expect(await server.command('dbsize')).toBe(0)
  })

  it('logs in as the user of the URL, and says what that user may not do', async () => {
    await using server = await RedisServer.open()
    await server.command(
      'acl',
      'setuser',
      'reader',
      'on',
      '>s3cret/ü',
      '~*',
      '+@read',
      '+@scripting',
      '+@connection',
      '+info',
    )
    const url = `redis://reader:${encodeURIComponent('s3cret/ü')}@127.0.0.1:${server.port}`
    await using cache = await openCache({ url })
    expect(await cache.driver.run([{ op: 'get', key: 'a' }])).toEqual([undefined])
    const refused = cache.driver.run([{ op: 'delete', key: 'a' }])
    await expect(refused).rejects.toMatchObject({ code: 'REFUSED', transient: false })
    await expect(refused).rejects.toThrow('expected the command to be accepted')
  })

  it('sends its script once a connection, and again when Redis was told to forget it', async () => {
    await using server = await RedisServer.open()
    await using cache = await openCache({ url: `redis://127.0.0.1:${server.port}` })
    const push = { op: 'listPush', key: 'list', values: ['a'], keep: 100 } as const
    const callsOf = async (name: string) =>
      Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(String(await server.command('info', 'commandstats')))?.[1])
    for (let n = 0; n < 5; n++) await cache.driver.run([push])
    expect([await callsOf('eval'), await callsOf('evalsha')]).toEqual([1, 4])
    await server.command('script', 'flush')
    await Promise.all([cache.driver.run([push]), cache.driver.run([push])])
    await cache.driver.run([push])
    expect(await cache.driver.run([{ op: 'listTail', key: 'list', count: 100 }])).toEqual([Array(8).fill('a')])
    expect(await callsOf('eval')).toBe(3)
  })
})

it('splits what Redis would refuse as one command, between commands and in order', () => {
  const commands = Array.from({ length: 400 }, (_, n) => ['rpush', `${n}`, ...Array<string>(999).fill('x')] as const)
  const scripts = toScripts(commands.map(([name, ...args]) => [name, ...args]))
  expect(scripts.length).toBe(5)
  for (const script of scripts) expect(script.length + 2).toBeLessThanOrEqual(100_000)
  const words = scripts.flat()
  expect(words).toEqual(commands.flatMap((command) => [command.length, ...command]))
})
