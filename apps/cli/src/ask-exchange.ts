import { ExchangeError } from '@fullon/exchange'
import { CommandError } from './command-error.js'

/** Says what else can be done when the exchange is not to be had. */
export async function askExchange<T>(exchange: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (!(cause instanceof ExchangeError) || !cause.transient) throw cause
    throw new CommandError(`${exchange}: cannot be asked now (try again, or see: fullon doctor ${exchange})`, { cause })
  }
}
