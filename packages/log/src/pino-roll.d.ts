/** It comes without types; these are of what is used here. */
declare module 'pino-roll' {
  import type { destination } from 'pino'

  type SonicBoom = ReturnType<typeof destination>

  interface RollOptions {
    readonly file: string
    /** MiB. */
    readonly size?: number
    /** `daily`, from midnight to midnight of local time, or milliseconds, whose multiples since 1970 begin a file. */
    readonly frequency?: 'daily' | number
    readonly dateFormat?: string
    readonly sync: boolean
    readonly mkdir: boolean
    readonly maxLength: number
  }

  function roll(options: RollOptions): Promise<SonicBoom & { readonly file: string }>
  export = roll
}
