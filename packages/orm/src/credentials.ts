import { OrmError } from './errors.js'

/** What signs calls of one account on an exchange. Never stored in the database. */
export interface ExchangeCredentials {
  readonly key: string
  readonly secret: string
}

/** Where credentials come from: the environment, or a vault. */
export interface CredentialsProvider {
  /**
   * The credentials of the account `exId`; absent where there are none, and only public calls can be made.
   *
   * @throws OrmError `INVALID` when they are not complete.
   */
  credentialsFor(exId: number): Promise<ExchangeCredentials | undefined>
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * fullon's `EX_ID_<exId>_KEY` and `EX_ID_<exId>_SECRET`; empty counts as not set.
 *
 * @throws OrmError `INVALID` when one of them is missing; neither is quoted.
 */
export function credentialsFor(exId: number, env: Environment): ExchangeCredentials | undefined {
  const [keyName, secretName] = [`EX_ID_${exId}_KEY`, `EX_ID_${exId}_SECRET`]
  const { [keyName]: key, [secretName]: secret } = env
  if (key && secret) return { key, secret }
  if (!key && !secret) return undefined
  const missing = key ? secretName : keyName
  throw new OrmError('INVALID', `credentialsFor: expected ${keyName} and ${secretName}, got no ${missing}`)
}

/** Credentials of the environment that is passed in, as a provider. */
export function environmentCredentials(env: Environment): CredentialsProvider {
  return { credentialsFor: async (exId) => credentialsFor(exId, env) }
}
