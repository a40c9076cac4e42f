import { destination } from 'pino'

/** What a full disk may make us hold, before lines are dropped. */
const HELD_BYTES = 2 ** 20

export type Lines = ReturnType<typeof destination>

/** For SonicBoom: each line is written when `write` returns. */
export const LINE_BY_LINE = { sync: true, mkdir: true, maxLength: HELD_BYTES }

/** Takes lines for a path, whose folder is made, or a descriptor. */
export function openLines(dest: string | number): Lines {
  return outliveErrors(destination({ ...LINE_BY_LINE, dest }))
}

/**
 * A full disk does not end the process: what is held is written when there is room. A pipe that nobody reads any more
 * does.
 */
export function outliveErrors<Stream extends Lines>(lines: Stream): Stream {
  lines.on('error', (err: NodeJS.ErrnoException) => {
    if (err.code === 'EPIPE') throw err
  })
  return lines
}
