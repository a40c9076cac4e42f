import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { FaultSchedule } from '../src/fault-schedule.js'
import { Wire } from '../src/wire.js'
import { createHandClock } from './hand-clock.js'

test('delayed frames come that much later, each once and in order, those after the delay behind them', () => {
  const clock = createHandClock(0)
  const schedule = new FaultSchedule(0)
  schedule.add({ kind: 'delay', atMs: 1000, forMs: 10_000, delayMs: 5000 })
  const sent: string[] = []
  const socket = { readyState: 1, OPEN: 1, send: (frame: string) => sent.push(`${frame} ${clock.now()}`) }
  const wire = new Wire({
    // Cast: all that a wire uses.
    socket: socket as unknown as WebSocket,
    clock,
    schedule,
    random: () => 0,
    onSent: () => {},
  })
  for (let second = 0; second < 20; second++) {
    wire.flush()
    if (second % 4 !== 3) wire.sendData(String(second), clock.now())
    clock.move(1000)
  }
  wire.flush()
  expect(sent).toEqual([
    '0 0',
    ...['1 6000', '2 7000', '4 9000', '5 10000', '6 11000', '8 13000', '9 14000', '10 15000'],
    // Sent without a delay while delayed ones were on the way.
    ...['12 15000', '13 15000', '14 15000', '16 16000', '17 17000', '18 18000'],
  ])
})
