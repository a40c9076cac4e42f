import { type Bindings, type Logger, pino } from 'pino'
import { type LogSettings, readEnvironment } from './environment.js'
import { type LogFormat, parseFormat } from './format.js'
import { type ComponentLevels, findLevel, type LogLevel, parseLevel } from './level.js'
import { type LogDestination, type Output, openOutput } from './output.js'
import { mayHoldSecrets, redactSecrets, redactUrls } from './redact-secrets.js'
import { parseRetention, parseRotation } from './rotation.js'

/** Each takes the place of the variable of its name; the others stay as the environment says. */
export interface LoggerOptions {
  readonly level?: LogLevel
  /** By component, such as `{ 'fullon.exchange': 'debug' }`. */
  readonly levels?: Readonly<Record<string, LogLevel>>
  readonly format?: LogFormat
  readonly colors?: boolean
  readonly console?: boolean
  readonly filePath?: string
  /** A size, an age or a time of day, such as `100 MB`, `1 day` or `00:00`. */
  readonly rotation?: string
  /** An age or a number of files, such as `7 days` or `10`. */
  readonly retention?: string
  /** Takes the place of console and file. */
  readonly destination?: LogDestination
}

let output: Output | undefined
let levels: ComponentLevels = new Map()
const components = new Map<string, Logger>()

// pino asks for the fields and writes the line in one go: what was seen in the fields is known when the line comes.
let suspicious = false

const root = pino(
  {
    formatters: { level: (label) => ({ level: label }), log: inspect },
    serializers: { err: pino.stdSerializers.errWithCause },
    onChild: redactBindings,
  },
  { write },
)

/**
 * A pino logger whose lines carry `component`, such as `fullon.ohlcv.daemon`, and `bindings`.
 *
 * @throws RangeError when one of fullon's variables has a value that is not accepted.
 */
export function getComponentLogger(component: string, bindings?: Bindings): Logger {
  if (!output) configureLogger()
  let logger = components.get(component)
  if (!logger) {
    logger = root.child({ component })
    components.set(component, logger)
    applyLevel(component, logger)
  }
  return logger.child(bindings ?? {}) // without options of its own a child follows its component's level
}

/**
 * Sets levels and destination of every component logger and its children, those that exist included;
 * what is not given goes back to the environment's.
 *
 * @throws RangeError for a value or an environment that is not accepted, the file system's error when a file cannot
 * be opened; nothing has changed then.
 */
export function configureLogger({ destination, ...options }: LoggerOptions = {}): void {
  const settings = merge(readEnvironment(), options)
  const previous = output
  output = openOutput(settings, destination)
  levels = settings.levels
  root.level = settings.level
  for (const [component, logger] of components) applyLevel(component, logger)
  previous?.close()
}

function merge(environment: LogSettings, options: Omit<LoggerOptions, 'destination'>): LogSettings {
  const { level, levels: byComponent, format, rotation, retention, colors, console, filePath } = options
  const subject = 'configureLogger'
  return {
    level: level === undefined ? environment.level : parseLevel(level, `${subject} level`),
    levels: byComponent
      ? new Map(Object.entries(byComponent).map(([name, text]) => [name, parseLevel(text, `${subject} levels`)]))
      : environment.levels,
    format: format === undefined ? environment.format : parseFormat(format, `${subject} format`),
    colors: colors ?? environment.colors,
    console: console ?? environment.console,
    filePath: filePath ?? environment.filePath,
    rotation: rotation === undefined ? environment.rotation : parseRotation(rotation, `${subject} rotation`),
    retention: retention === undefined ? environment.retention : parseRetention(retention, `${subject} retention`),
  }
}

function applyLevel(component: string, logger: Logger): void {
  logger.level = findLevel(component, levels) ?? root.level
}

function inspect(fields: Record<string, unknown>): Record<string, unknown> {
  if (mayHoldSecrets(fields)) suspicious = true
  return fields
}

/** Bindings are made into text once, when the child is: `,"component":"a","attempt":2`. */
function redactBindings(child: Logger): void {
  const parts = child as unknown as Record<symbol, string> // cast: pino does not type its symbols
  const text = parts[pino.symbols.chindingsSym]
  if (text) parts[pino.symbols.chindingsSym] = `,${redactSecrets(`{${text.slice(1)}}`).slice(1, -1)}`
}

function write(line: string): void {
  const text = redactUrls(suspicious ? redactSecrets(line) : line)
  suspicious = false
  output?.write(text) // whichever is open when the line is written
}
