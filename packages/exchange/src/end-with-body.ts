import type { CcxtExchange } from './load-ccxt.js'

/**
 * ccxt pipes a compressed body through a decompressor, and a pipe does not hand on that its source broke off: the call
 * would wait for the rest for ever (its `undiciBody`, in ccxt/js/src/base/Exchange.js).
 */
export function endWithBody(ccxt: CcxtExchange): void {
  const read = ccxt.undiciBody?.bind(ccxt)
  if (!read) return
  ccxt.undiciBody = (response, isBinary) =>
    new Promise((resolve, reject) => {
      response.body.once('error', reject)
      read(response, isBinary).then(resolve, reject)
    })
}
