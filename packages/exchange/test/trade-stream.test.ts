import type { Page, Trade } from '@fullon/market'
import { describe, expect, it } from 'vitest'
import { TradeRoom } from '../src/trade-room.js'
import { TradeLedger } from '../src/trade-stream.js'

const LATENESS_MS = 5_000

describe('trades with consecutive ids', () => {
  it('gives each once, confirmed, from the first plus the lateness to the newest less the lateness', () => {
    const ledger = makeLedger()
    for (let id = 1; id <= 20; id++) ledger.add(trade(id), false)
    expect(ledger.take()).toEqual([page(6, 15)])
    for (let id = 15; id <= 25; id++) ledger.add(trade(id), false) // 15 to 20 for the second time
    expect(ledger.take()).toEqual([page(15, 20)])
  })

  it('waits for one that is late instead of starting again', () => {
    const ledger = makeLedger()
    for (const id of [1, 2, 3, 4, 5, 6, 8, 9, 7, 10, 11, 12, 13, 14, 15, 16]) ledger.add(trade(id), false)
    expect(ledger.take()).toEqual([page(6, 11)])
  })

  it('does not vouch across one that never came', () => {
    const ledger = makeLedger()
    for (let id = 1; id <= 40; id++) if (id !== 22) ledger.add(trade(id), false)
    const [before, after, ...rest] = ledger.take()
    expect(before!.covered!.until).toBe(16_000)
    expect(after).toEqual(page(28, 35))
    expect(rest).toEqual([])
  })

  it('takes a snapshot for the past it repeats', () => {
    const ledger = makeLedger()
    for (let id = 1; id <= 50; id++) ledger.add(trade(id), true)
    for (let id = 48; id <= 70; id++) ledger.add(trade(id), false)
    expect(ledger.take()).toEqual([page(56, 65)])
  })

  it('vouches for nothing of a snapshot, though one that is not of it was made before its end', () => {
    const ledger = makeLedger()
    for (const [id, second] of [
      [1, 0],
      [3, 5],
      [4, 7],
      [5, 9],
    ] as const)
      ledger.add(trade(id, second * 1000), true)
    ledger.add(trade(2, 1_000), false)
    for (let id = 6; id <= 40; id++) ledger.add(trade(id, (id + 4) * 1000), false)
    const [first] = ledger.take()
    expect(first!.covered!.since).toBeGreaterThan(9_000)
    expect(first!.rows[0]!.timestamp).toBe(first!.covered!.since)
  })

  it('goes on when the exchange counts from the start again', () => {
    const ledger = makeLedger()
    for (let id = 101; id <= 110; id++) ledger.add(trade(id, id * 1000), false)
    for (let id = 1; id <= 20; id++) ledger.add(trade(id, (200 + id) * 1000), false)
    const rows = ledger.take().flatMap((one) => one.rows.map((row) => row.id))
    expect(rows).toContain('10')
  })
})

describe('trades without consecutive ids', () => {
  it('gives them once, in order and provisional', () => {
    const ledger = makeLedger({ consecutiveIds: false })
    for (const id of [1, 4, 6, 9, 8, 8, 9, 11, 12, 15, 20]) ledger.add(trade(id), false)
    const { confirmedUntil: _, ...expected } = page(6, 15)
    expect(ledger.take()).toEqual([{ ...expected, rows: [6, 8, 9, 11, 12].map((id) => trade(id)) }])
  })

  it('does not vouch across one that could not be read', () => {
    const ledger = makeLedger({ consecutiveIds: false })
    for (let id = 1; id <= 20; id++) ledger.add(trade(id), false)
    ledger.refuse()
    for (let id = 21; id <= 40; id++) ledger.add(trade(id), false)
    expect(ledger.take().map(({ covered }) => covered)).toEqual([
      { since: 6_000, until: 15_000 },
      { since: 26_000, until: 35_000 },
    ])
  })
})

it('does not vouch for a time that the exchange has not reached, whatever a trade says', () => {
  const ledger = new TradeLedger({
    latenessMs: LATENESS_MS,
    consecutiveIds: false,
    serverNow: () => 20_000,
    room: new TradeRoom(),
  })
  ledger.add(trade(1), false)
  ledger.add(trade(2, 29_000), false)
  expect(ledger.take()[0]!.covered!.until).toBe(15_000)
})

describe('trades that nobody reads', () => {
  it('are told of as an overflow by the stream that holds most, and the others go on', () => {
    const room = new TradeRoom(1_000)
    const [quiet, busy] = [makeLedger({ room }), makeLedger({ room })]
    let next = 1
    while (room.held < 1_000) busy.add(trade(next++), false)
    for (let id = 1; id <= 40; id++) quiet.add(trade(id), false)
    expect(() => busy.add(trade(next), false)).toThrow(expect.objectContaining({ code: 'OVERFLOW' }))
    expect(quiet.take()).toEqual([page(6, 35)])
  })

  it('of many streams together take no more room than twice the limit', () => {
    const room = new TradeRoom(1_000)
    const ledgers = new Set(Array.from({ length: 50 }, () => makeLedger({ room })))
    for (let id = 1; id <= 100; id++) {
      for (const ledger of ledgers) {
        try {
          ledger.add(trade(id, 1_000_000 + id), false)
          ledger.add(trade(id + 10_000, 1_000_000 + id), false) // ahead of many that are missing
        } catch (error) {
          expect(error).toMatchObject({ code: 'OVERFLOW' })
          ledgers.delete(ledger)
        }
        expect(room.held).toBeLessThanOrEqual(2_000)
      }
    }
    expect(ledgers.size).toBeLessThan(50)
  })

  it('count also where the ids jump again and again', () => {
    const ledger = makeLedger({ room: new TradeRoom(1_000) })
    const jump = () => {
      for (let id = 1; id < 10_000; id++) if (id % 100 > 0) ledger.add(trade(id), false)
    }
    expect(jump).toThrow(expect.objectContaining({ code: 'OVERFLOW' }))
  })

  it('take no room any more once they are read, or their stream is closed', () => {
    const room = new TradeRoom(1_000)
    const [read, closed] = [makeLedger({ room }), makeLedger({ room, consecutiveIds: false })]
    for (let id = 1; id <= 20; id++) for (const ledger of [read, closed]) ledger.add(trade(id), false)
    read.take()
    closed.close()
    expect(room.held).toBe(6) // the newest, that may not be all yet
  })
})

function makeLedger({ consecutiveIds = true, room = new TradeRoom() } = {}): TradeLedger {
  return new TradeLedger({ latenessMs: LATENESS_MS, consecutiveIds, serverNow: () => Number.POSITIVE_INFINITY, room })
}

/** One a second, at the second of its id. */
function trade(id: number, timestamp = id * 1000): Trade {
  return { timestamp, id: String(id), side: 'buy', price: 1, amount: 1 }
}

function page(since: number, until: number): Page<Trade> {
  const rows = Array.from({ length: until - since }, (_, index) => trade(since + index))
  return { rows, covered: { since: since * 1000, until: until * 1000 }, confirmedUntil: until * 1000 }
}
