import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ChannelListener } from '../src/index.js'
import { stores } from './support/stores.js'
import { waitUntil } from './support/wait-until.js'

describe.each(stores)('the channels of the $name driver', (store) => {
  it('delivers what is published after subscribing, in order, until the subscription ends', async () => {
    await using cache = await store.open()
    const channel = `${cache.keys.components}:${randomUUID()}`
    const [first, second] = [new Recorder(), new Recorder()]
    await cache.driver.run([{ op: 'publish', channel, message: 'before' }])
    const endFirst = await cache.driver.subscribe(channel, first)
    const endSecond = await cache.driver.subscribe(channel, second)
    expect(await cache.driver.run([{ op: 'publish', channel, message: '0' }])).toEqual([1])
    await waitUntil('the first message', () => first.messages.length === 1)
    endFirst()
    endFirst()
    await cache.driver.run([1, 2, 3].map((n) => ({ op: 'publish', channel, message: `${n}` }) as const))
    await waitUntil('the third message', () => second.messages.includes('3'))
    expect(first.messages).toEqual(['0'])
    expect(second.messages.slice(-3)).toEqual(['1', '2', '3'])
    expect(second.misses).toBe(0)
    endSecond()
  })

  it('does not end a subscription that is being made with the only other one on the channel', async () => {
    await using cache = await store.open()
    const channel = `${cache.keys.components}:${randomUUID()}`
    const second = new Recorder()
    const endFirst = await cache.driver.subscribe(channel, new Recorder())
    const subscribing = cache.driver.subscribe(channel, second)
    // No I/O happens between microtasks: the request is sent by then, and not answered.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    endFirst()
    await subscribing
    await cache.driver.run([{ op: 'publish', channel, message: 'a' }])
    await waitUntil('the message', () => second.messages.length === 1)
  })

  it('refuses everything once it is closed, and may be closed twice', async () => {
    await using cache = await store.open()
    const subscriber = new Recorder()
    await cache.driver.subscribe('channel', subscriber)
    await cache.close()
    await cache.close()
    expect(subscriber.ends).toBe(1)
    await expect(cache.driver.run([{ op: 'get', key: 'a' }])).rejects.toMatchObject({
      code: 'CLOSED',
      transient: false,
    })
    await expect(cache.driver.subscribe('a', new Recorder())).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

class Recorder implements ChannelListener {
  readonly messages: string[] = []
  misses = 0
  ends = 0

  message(text: string): void {
    this.messages.push(text)
  }

  missed(): void {
    this.misses++
  }

  closed(): void {
    this.ends++
  }
}
