import { destination } from 'pino'

/** What a full disk may make us hold, before lines are dropped. */
const HELD_BYTES = 2 ** 20

/**
 * Takes lines for a path, whose folder is made, or a descriptor; each is written when `write` returns. A full disk does
 * not end the process: what is held is written when there is room. A pipe that nobody reads any more does.
 */
export function openLines(dest: string | number): ReturnType<typeof destination> {
  const lines = destination({ dest, mkdir: typeof dest === 'string', sync: true, maxLength: HELD_BYTES })
  lines.on('error', (err: NodeJS.ErrnoException) => {
    if (err.code === 'EPIPE') throw err
  })
  return lines
}
