import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '@fullon/daemon'
import { readEnvironment } from '@fullon/ohlcv-service'
import type { Command } from 'commander'
import { describeCommand } from '../describe-command.js'
import { formatDuration, formatTime } from '../format-time.js'
import { hasColour, paint } from '../paint.js'
import { formatTable } from '../print-table.js'
import { readHttpStatus, readRedisStatus, type SeenStatus } from '../read-status.js'
import { serviceAddress } from '../service-address.js'

interface Flags {
  readonly url?: string
  readonly watch?: boolean
  readonly json?: boolean
}

const WATCH_EVERY_MS = 1_000

export function defineStatus(status: Command): void {
  status
    .option('--url <url>', 'over HTTP from there; default: HTTP_HOST and HTTP_PORT')
    .option('--watch', 'again every second, until Ctrl-C')
  describeCommand(status, { example: 'status --watch', exit: 'Exit code 0 when it is healthy, 1 otherwise.' }).action(
    showStatus,
  )
}

async function showStatus({ url, watch, json }: Flags): Promise<void> {
  const settings = readEnvironment(process.env)
  const redisUrl = url === undefined ? settings.redisUrl : undefined
  const address = url ?? serviceAddress(settings)
  const source = redisUrl ? 'Redis' : address
  const read = () => (redisUrl ? readRedisStatus(redisUrl) : readHttpStatus(address))
  // Who watches sees a restart through.
  const away = (err: unknown): SeenStatus => ({ healthy: false, source, series: [], note: messageOf(err) })
  do {
    const status = await (watch ? read().catch(away) : read())
    process.exitCode = status.healthy ? 0 : 1
    if (json) console.log(JSON.stringify(status))
    else console.log([...(watch && process.stdout.isTTY ? ['\u001b[2J\u001b[H'] : []), ...linesOf(status)].join('\n'))
    if (watch) await delay(WATCH_EVERY_MS)
  } while (watch)
}

function linesOf({ healthy, source, series, note }: SeenStatus): string[] {
  const verdict = healthy ? 'healthy' : 'unhealthy'
  const head = hasColour() ? paint(verdict, healthy ? 'green' : 'red') : verdict
  const rows = series.map(({ name, doing, lastTimestamp, gaps, lagMs }) => [
    name,
    doing,
    formatTime(lastTimestamp),
    gaps === undefined ? '-' : String(gaps),
    lagMs === undefined ? '-' : formatDuration(lagMs),
  ])
  const table = formatTable(['series', 'doing', 'last row (UTC)', 'gaps', 'behind'], rows)
  return [`${head}, says ${source}`, ...(note === undefined ? [] : [note]), ...table]
}
