import { type PrettyOptions, prettyFactory } from 'pino-pretty'

/** `json` is one object a line, the others are for people. */
export type LogFormat = 'beautiful' | 'minimal' | 'development' | 'detailed' | 'trading' | 'json'

type Style = Exclude<LogFormat, 'json'>

const STYLES: Readonly<Record<Style, PrettyOptions>> = {
  /** 12:00:00.000 INFO (fullon.ohlcv.daemon) page saved {"rows":720} */
  beautiful: {
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,component',
    messageFormat: (log, key, _label, { colors }) => `${colors.gray(`(${log.component})`)} ${log[key] ?? ''}`,
    singleLine: true,
  },
  /** INFO page saved {"rows":720} */
  minimal: { ignore: 'time,pid,hostname,component', singleLine: true },
  /** Every field on a line of its own. */
  development: { translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' },
  /** All there is, with date and zone. */
  detailed: { translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l o', ignore: '' },
  /** 2026-11-22 12:00:00.000 INFO kraken BTC/USD page saved {"rows":720}: times are UTC, as exchanges have them. */
  trading: {
    translateTime: 'UTC:yyyy-mm-dd HH:MM:ss.l',
    ignore: 'pid,hostname,component,exchange,symbol',
    messageFormat: (log, key, _label, { colors }) =>
      [log.exchange, log.symbol]
        .filter((part) => part !== undefined)
        .map((part) => colors.yellow(String(part)))
        .concat(String(log[key] ?? ''))
        .join(' '),
    singleLine: true,
  },
}

const FORMATS: readonly string[] = [...Object.keys(STYLES), 'json']

/** @throws RangeError for a name that is not one of {@link LogFormat}, in any case. */
export function parseFormat(text: string, subject: string): LogFormat {
  const name = text.trim().toLowerCase()
  if (FORMATS.includes(name)) return name as LogFormat // cast: the list is that of the type
  throw new RangeError(`${subject}: expected one of ${FORMATS.join(' ')}, got ${JSON.stringify(text)}`)
}

/** How a line of JSON is written; absent for `json`, where it is as it is. */
export function createFormatter(format: LogFormat, colorize: boolean): ((line: string) => string) | undefined {
  return format === 'json' ? undefined : prettyFactory({ colorize, ...STYLES[format] })
}
