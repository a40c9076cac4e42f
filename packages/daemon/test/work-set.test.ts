import { describe, expect, it } from 'vitest'
import { type Work, WorkSet } from '../src/index.js'

interface Wanted {
  readonly name: string
  readonly days: number
}

function open(log: string[]) {
  const broken: unknown[] = []
  const ends = new Map<string, (err?: unknown) => void>()
  const set = new WorkSet<Wanted, Work<Wanted>>({
    keyOf: ({ name }) => name,
    start(wanted) {
      log.push(`start ${wanted.name}`)
      const stopping = new AbortController()
      const ended = new Promise<void>((resolve, reject) => {
        ends.set(wanted.name, (err) => (err ? reject(err) : resolve()))
        stopping.signal.addEventListener('abort', () => log.push(`stop ${wanted.name}`))
      })
      return { wanted, stopping, ended }
    },
    onBroken: (err) => broken.push(err),
    onStopped: async (stopped) => void log.push(`stopped ${stopped.map(({ name }) => name)}`),
  })
  return { set, broken, end: (name: string, err?: unknown) => ends.get(name)?.(err) }
}

describe('WorkSet', () => {
  it('starts what is wanted, once, and asks the rest to stop at once', async () => {
    const log: string[] = []
    const { set, end } = open(log)
    await set.keep([
      { name: 'a', days: 1 },
      { name: 'b', days: 1 },
    ])
    const kept = set.keep([{ name: 'b', days: 1 }])
    expect(log).toEqual(['start a', 'start b', 'stop a'])
    end('a')
    await kept
    expect(log.at(-1)).toBe('stopped a')
    expect(set.running().map(({ wanted }) => wanted.name)).toEqual(['b'])
  })

  it('gives a work that goes on what is wanted now, and the same object while that is the same', async () => {
    const { set } = open([])
    const first = { name: 'a', days: 1 }
    await set.keep([first])
    await set.keep([{ ...first }])
    expect(set.running()[0]?.wanted).toBe(first)
    await set.keep([{ name: 'a', days: 30 }])
    expect(set.running()[0]?.wanted).toEqual({ name: 'a', days: 30 })
  })

  it('starts again what was stopped and is wanted again, after it has stopped', async () => {
    const log: string[] = []
    const { set, end } = open(log)
    await set.keep([{ name: 'a', days: 1 }])
    const [none, again] = [set.keep([]), set.keep([{ name: 'a', days: 1 }])]
    expect(log).toEqual(['start a', 'stop a'])
    end('a')
    await Promise.all([none, again])
    expect(log).toEqual(['start a', 'stop a', 'stopped a', 'start a'])
  })

  it('tells of a work that broke, and can be ended all the same', async () => {
    const { set, broken, end } = open([])
    await set.keep([{ name: 'a', days: 1 }])
    end('a', new Error('a bug'))
    await set.keep([])
    expect(broken).toEqual([new Error('a bug')])
    expect(set.running()).toEqual([])
  })
})
