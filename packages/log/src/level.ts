/** fullon's names and the level of pino's each one means. */
const LEVELS = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'fatal',
  fatal: 'fatal',
  silent: 'silent',
} as const

/** A level by any of its names; `silent` writes nothing. */
export type LogLevel = keyof typeof LEVELS

export type PinoLevel = (typeof LEVELS)[LogLevel]

/** Levels by component; each is that of the components below it, too. */
export type ComponentLevels = ReadonlyMap<string, PinoLevel>

/**
 * The level that `text` names, in any case.
 *
 * @param subject what the text was given for, quoted in the error.
 * @throws RangeError for anything else.
 */
export function parseLevel(text: string, subject: string): PinoLevel {
  const name = text.trim().toLowerCase()
  if (isLogLevel(name)) return LEVELS[name]
  throw new RangeError(`${subject}: expected one of ${Object.keys(LEVELS).join(' ')}, got ${JSON.stringify(text)}`)
}

/**
 * `fullon.exchange=debug,fullon.ohlcv=error`.
 *
 * @throws RangeError for anything else.
 */
export function parseComponentLevels(text: string, subject: string): ComponentLevels {
  const levels = new Map<string, PinoLevel>()
  for (const entry of text.split(',').filter((part) => part.trim() !== '')) {
    const [component = '', level, ...rest] = entry.split('=')
    if (component.trim() === '' || level === undefined || rest.length > 0) {
      throw new RangeError(`${subject}: expected component=level, separated by commas, got ${JSON.stringify(entry)}`)
    }
    levels.set(component.trim(), parseLevel(level, subject))
  }
  return levels
}

/** The level of the nearest of `component`, `fullon.exchange`, `fullon` … that has one. */
export function findLevel(component: string, levels: ComponentLevels): PinoLevel | undefined {
  for (let name = component; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const level = levels.get(name)
    if (level) return level
  }
  return undefined
}

function isLogLevel(name: string): name is LogLevel {
  return Object.hasOwn(LEVELS, name)
}
