import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochMs } from '@fullon/market'
import { CommandError } from '../command-error.js'

/** What a later run must know to continue on the rows of this one. */
export interface DemoState {
  /** The simulated exchange's first trade. */
  readonly marketSince: EpochMs
  /** From here on every row was there when a run ended well; absent before. */
  readonly verifiedSince?: EpochMs
  /** How far its clock had got when this was written. */
  readonly clock: EpochMs
}

/** A market's state on disk, written anew every second so that a killed run is continued too. */
export class DemoStateFile {
  readonly #file: string

  /** @throws CommandError when the folder cannot be used. */
  constructor(dataDir: string, market: string) {
    this.#file = join(dataDir, `${market}.json`)
    try {
      mkdirSync(dataDir, { recursive: true })
    } catch (cause) {
      throw new CommandError(`demo: cannot use the folder ${dataDir} (set FULLON_DATA_DIR to one you can write)`, {
        cause,
      })
    }
  }

  read(): DemoState | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as DemoState // cast: only write() writes it
    } catch {
      return undefined // never run, or killed during its first second
    }
  }

  /** Replaces the file in one step: a run killed here leaves the old one or the new one. */
  write(state: DemoState): void {
    const next = `${this.#file}.next`
    writeFileSync(next, JSON.stringify(state))
    renameSync(next, this.#file)
  }

  delete(): void {
    rmSync(this.#file, { force: true })
  }
}
