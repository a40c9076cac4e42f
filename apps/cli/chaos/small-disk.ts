import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Holds what a run writes, 512 MB of Postgres' log among it. */
const SIZE = '1200m'
const BLOCK_BYTES = [8 << 20, 4096]

/** A file system in memory, small enough to be filled. Making one takes Linux and root. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Undefined where the system does not let us. */
  static open(path: string): SmallDisk | undefined {
    mkdirSync(path, { recursive: true })
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0755`, 'fullon-chaos', path])
    if (status !== 0) return undefined
    process.once('exit', () => unmount(path)) // however this process ends, short of being killed
    return new SmallDisk(path)
  }

  /** Until not a byte is left. */
  async fill(): Promise<void> {
    const file = await open(join(this.path, 'ballast'), 'a')
    try {
      for (const bytes of BLOCK_BYTES) while (await append(file, bytes));
    } finally {
      await file.close()
    }
  }

  async free(): Promise<void> {
    await rm(join(this.path, 'ballast'), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unmount(this.path)
  }
}

async function append(file: FileHandle, bytes: number): Promise<boolean> {
  try {
    await file.appendFile(Buffer.alloc(bytes))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false // cast: what the file system throws
    throw error
  }
}

function unmount(path: string): void {
  spawnSync('umount', ['--lazy', path])
}
