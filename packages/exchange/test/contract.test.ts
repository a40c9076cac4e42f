import { describeContract } from './contract.js'
import { describeStreams } from './stream-contract.js'

const HALF_A_DAY_MS = 12 * 3_600_000

// kraken serves 720 minutes, the forming one included.
describeContract({
  exchange: 'kraken',
  busy: 'BTC/USD',
  quiet: 'ADA/USD',
  candlesReachMs: HALF_A_DAY_MS - 2 * 3_600_000,
})
describeContract({ exchange: 'binance', busy: 'BTC/USDT', quiet: 'ADA/USDT', candlesReachMs: 2 * HALF_A_DAY_MS })
describeContract({ exchange: 'coinbaseexchange', busy: 'BTC/USD', quiet: 'ADA/USD', candlesReachMs: HALF_A_DAY_MS })

describeStreams('kraken', 'BTC/USD')
describeStreams('binance', 'BTC/USDT')
describeStreams('coinbaseexchange', 'BTC/USD')
