import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Holds what a run writes: a cluster of 50 MB, its log of 96 MB, and the rows. */
const SIZE = '400m'

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

  /** Until not a byte is left; by a process of its own, since ours is busy being an exchange. */
  async fill(): Promise<void> {
    const target = ['if=/dev/zero', `of=${join(this.path, 'ballast')}`, 'bs=8M']
    await once(spawn('dd', target, { stdio: 'ignore' }), 'close')
  }

  async free(): Promise<void> {
    await rm(join(this.path, 'ballast'), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unmount(this.path)
  }
}

function unmount(path: string): void {
  spawnSync('umount', ['--lazy', path])
}
