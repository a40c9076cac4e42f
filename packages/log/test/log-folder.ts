import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { RotatingFile } from '../src/rotating-file.js'
import type { Retention, Rotation } from '../src/rotation.js'

/** A folder of its own for `service.log`, whose lines are numbered, and what writes there. */
export class LogFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'fullon-log-'))
  readonly #opened: RotatingFile[] = []
  #count = 0

  open(rotation: Rotation, retention?: Retention): RotatingFile {
    const log = new RotatingFile(this.join('service.log'), rotation, retention)
    this.#opened.push(log)
    return log
  }

  /** A file of before. */
  make(file: string, { text = 'of before\n', ageMs = 0 } = {}): void {
    const seconds = (Date.now() - ageMs) / 1000
    writeFileSync(this.join(file), text)
    utimesSync(this.join(file), seconds, seconds)
  }

  write(log: RotatingFile): void {
    log.write(`${this.#count++}\n`)
  }

  /** Lets pino-roll have its turn after each line. */
  async writeUntil(log: RotatingFile, isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      this.write(log)
      await turn()
    }
  }

  /** In the order of their numbers, which is that of their lines. */
  list(): string[] {
    return readdirSync(this.path).toSorted(new Intl.Collator('en', { numeric: true }).compare)
  }

  read(file: string): string {
    return readFileSync(this.join(file), 'utf8')
  }

  readAll(): string {
    return this.list()
      .map((file) => this.read(file))
      .join('')
  }

  /** What was written. */
  everyLine(): string {
    return Array.from({ length: this.#count }, (_, index) => `${index}\n`).join('')
  }

  join(...parts: string[]): string {
    return join(this.path, ...parts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const log of this.#opened) await log.close()
    rmSync(this.path, { recursive: true, force: true })
  }
}
