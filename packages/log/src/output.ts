import { isatty } from 'node:tty'
import type { DestinationStream } from 'pino'
import type { LogSettings } from './environment.js'
import { createFormatter, type LogFormat } from './format.js'
import { openLines } from './open-lines.js'
import { RotatingFile } from './rotating-file.js'

const STDOUT = 1

/** Where lines go: a file's path (appended to, its folder is made), or anything with `write`. */
export type LogDestination = string | DestinationStream

/** Takes lines of JSON. Every write is finished when it returns: an asynchronous transport would lose what it holds. */
export interface Output extends DestinationStream {
  /** Releases what was opened here; a stream that was handed in is left open. */
  close(): void
}

/** @param target takes the place of console and file. */
export function openOutput(settings: LogSettings, target?: LogDestination): Output {
  if (typeof target === 'object') return formatted({ write: (line) => target.write(line), close() {} }, settings)
  if (target !== undefined) return formatted(openFile(target, settings), settings)
  const outputs: Output[] = []
  if (settings.console) outputs.push(openConsole(settings))
  if (settings.filePath) outputs.push(formatted(openFile(settings.filePath, settings), settings))
  const [only] = outputs
  return only && outputs.length === 1 ? only : tee(outputs)
}

function openFile(path: string, { rotation, retention }: LogSettings): Output {
  if (rotation) return new RotatingFile(path, rotation, retention)
  const lines = openLines(path)
  return { write: (line) => void lines.write(line), close: () => lines.end() }
}

function openConsole({ format, colors }: LogSettings): Output {
  const stdout = openLines(STDOUT)
  const isTerminal = isatty(STDOUT)
  const output: Output = { write: (line) => void stdout.write(line), close: () => stdout.flushSync() }
  return formatted(output, { format: format ?? (isTerminal ? 'beautiful' : 'json'), colors: colors ?? isTerminal })
}

/** JSON without colours unless something else was asked for. */
function formatted(
  output: Output,
  {
    format = 'json',
    colors = false,
  }: { readonly format?: LogFormat | undefined; readonly colors?: boolean | undefined },
): Output {
  const toText = createFormatter(format, colors)
  return toText ? { write: (line) => output.write(toText(line)), close: () => output.close() } : output
}

function tee(outputs: readonly Output[]): Output {
  return {
    write(line) {
      for (const output of outputs) output.write(line)
    },
    close() {
      for (const output of outputs) output.close()
    },
  }
}
