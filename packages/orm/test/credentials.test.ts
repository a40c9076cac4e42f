import { describe, expect, it } from 'vitest'
import { type CredentialsProvider, credentialsFor, environmentCredentials } from '../src/index.js'

describe('credentialsFor', () => {
  const env = {
    EX_ID_1_KEY: 'key',
    EX_ID_1_SECRET: 'hunter2',
    EX_ID_2_KEY: '',
    EX_ID_2_SECRET: '',
    EX_ID_3_SECRET: 'hunter2',
  }

  it('reads the names that fullon’s environments already have', async () => {
    expect(credentialsFor(1, env)).toEqual({ key: 'key', secret: 'hunter2' })
    const provider: CredentialsProvider = environmentCredentials(env)
    expect(await provider.credentialsFor(1)).toEqual({ key: 'key', secret: 'hunter2' })
  })

  it('tells an account without credentials from one whose are incomplete, and quotes neither', async () => {
    expect(credentialsFor(2, env)).toBeUndefined()
    expect(credentialsFor(4, env)).toBeUndefined()
    await expect(environmentCredentials(env).credentialsFor(3)).rejects.toMatchObject({
      code: 'INVALID',
      message: 'credentialsFor: expected EX_ID_3_KEY and EX_ID_3_SECRET, got no EX_ID_3_KEY',
    })
  })
})
