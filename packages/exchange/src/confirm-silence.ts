import { ExchangeError } from './errors.js'

export interface SilenceOptions<Answer> {
  /** For messages. */
  readonly subject: string
  /** Asks again what was answered with nothing; undefined when it still is. */
  readonly again: () => Promise<Answer | undefined>
  /** Asks for something that is there, such as the newest page: whether it came. */
  readonly control: () => Promise<boolean>
}

// In the model an empty answer taken at its word lost rows in 62 runs of 150; outages answer empty for a moment, here and there.
const ROUNDS = 3

/**
 * An empty answer counts when it stays empty between control requests that do answer.
 *
 * @returns what came after all, or undefined when it is silent indeed
 * @throws ExchangeError BAD_RESPONSE when a control request is empty too: the exchange is answering nobody
 */
export async function confirmSilence<Answer>(options: SilenceOptions<Answer>): Promise<Answer | undefined> {
  const { subject, again, control } = options
  for (let round = 0; round < ROUNDS; round++) {
    if (!(await control())) {
      throw new ExchangeError('BAD_RESPONSE', `${subject}: expected the newest page to hold rows, got none`)
    }
    const answer = await again()
    if (answer !== undefined) return answer
  }
  return undefined
}
