import { randomBytes } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'

/** Writes the whole file or nothing. Always a new one: root must not follow a link that someone else put here. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`
  await writeFile(unfinished, content, { flag: 'wx' })
  await rename(unfinished, path)
}
