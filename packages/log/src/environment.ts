import { type LogFormat, parseFormat } from './format.js'
import { type ComponentLevels, type PinoLevel, parseComponentLevels, parseLevel } from './level.js'
import { parseRetention, parseRotation, type Retention, type Rotation } from './rotation.js'

/** What fullon's variables say; what is absent depends on where the lines go. */
export interface LogSettings {
  readonly level: PinoLevel
  readonly levels: ComponentLevels
  readonly format?: LogFormat | undefined
  readonly colors?: boolean | undefined
  readonly console: boolean
  readonly filePath?: string | undefined
  readonly rotation?: Rotation | undefined
  readonly retention?: Retention | undefined
}

/**
 * fullon's `LOG_*`; empty counts as not set. The only place under `packages/` that reads the process's environment.
 *
 * @throws RangeError for a value that is not one of the accepted ones, which it lists.
 */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): LogSettings {
  function read<T>(name: string, parse: (text: string, subject: string) => T): T | undefined {
    const text = env[name]
    return text ? parse(text, name) : undefined
  }
  return {
    level: read('LOG_LEVEL', parseLevel) ?? 'info',
    levels: read('LOG_LEVELS', parseComponentLevels) ?? new Map(),
    format: read('LOG_FORMAT', parseFormat),
    colors: read('LOG_COLORS', parseSwitch),
    console: read('LOG_CONSOLE', parseSwitch) ?? true,
    filePath: env.LOG_FILE_PATH || undefined,
    rotation: read('LOG_ROTATION', parseRotation),
    retention: read('LOG_RETENTION', parseRetention),
  }
}

function parseSwitch(text: string, subject: string): boolean {
  const name = text.trim().toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(name)) return true
  if (['false', '0', 'no', 'off'].includes(name)) return false
  throw new RangeError(`${subject}: expected true or false, got ${JSON.stringify(text)}`)
}
