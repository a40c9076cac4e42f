import type { Page, Trade } from '@fullon/market'
import { createHandClock, type HandClock } from './hand-clock.js'
import { openScriptedExchange, type Session } from './scripted-exchange.js'

const SYMBOLS = { 'BTC/USDT': 'BTC-USDT', 'ETH/USDT': 'ETH-USDT' }

type Options = Partial<Parameters<typeof openScriptedExchange>[1]> & { readonly clock?: HandClock }

export async function openOkx({ clock = createHandClock(0, { runs: true }), ...options }: Options = {}) {
  const exchange = await openScriptedExchange('okx', { markets: SYMBOLS, clock, onRequest: accept, ...options })
  return Object.assign(exchange, { clock })
}

export function accept(request: Record<string, unknown>, session: Session): void {
  session.send({ event: request.op, arg: (request.args as unknown[])[0], connId: 'a4d3ae55' })
}

export function tradeFrame(instId: string, second: number, fields: object = {}): object {
  const trade = {
    instId,
    tradeId: String(second + 1),
    px: '1',
    sz: '1',
    side: 'buy',
    ts: String(second * 1000),
    ...fields,
  }
  return { arg: { channel: 'trades-all', instId }, data: [trade] }
}

export async function takeUntil(stream: AsyncGenerator<Page<Trade>[]>, second: number): Promise<Page<Trade>[]> {
  const pages: Page<Trade>[] = []
  for await (const batch of { [Symbol.asyncIterator]: () => ({ next: () => stream.next() }) }) {
    pages.push(...batch)
    if ((pages.at(-1)?.covered?.until ?? 0) >= second * 1000) break
  }
  return pages
}

export function inside({ since, until: end }: { since: number; until: number }, time: number): boolean {
  return since <= time && time < end
}
