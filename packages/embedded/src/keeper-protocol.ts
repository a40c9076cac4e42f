import type { DataFolder } from './data-folder.js'
import type { EmbeddedErrorCode } from './errors.js'

/** What a keeper is started with, as JSON in its only argument. */
export interface KeeperOptions {
  readonly folder: DataFolder
  /** Nothing need survive: no fsync, and the data are removed with the server. */
  readonly ephemeral: boolean
  /** How long the server outlives its last user. */
  readonly lingerMs: number
}

/** The line a user sends; whoever connects and sends nothing only wants to know whether a keeper is there. */
export const USE = 'use\n'

/** The one line a user gets, as JSON, when it is known. */
export type KeeperAnswer =
  | { readonly url: string; readonly keeperPid: number }
  | { readonly code: EmbeddedErrorCode; readonly message: string }
