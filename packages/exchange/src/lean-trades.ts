import type { CcxtExchange } from './load-ccxt.js'

/**
 * ccxt multiplies out the cost of every trade with big integers and gives it fees that it does not have: a quarter of
 * the time that a trade takes, for fields that nobody here reads. Price and amount stay ccxt's own reading.
 */
export function leaveOutCosts(ccxt: CcxtExchange): void {
  ccxt.safeTrade = (trade) => {
    trade.amount = ccxt.parseNumber(trade.amount)
    trade.price = ccxt.parseNumber(trade.price)
    return trade
  }
}
