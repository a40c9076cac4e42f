import { describe, expect, it } from 'vitest'
import { startServing } from '../src/index.js'

/** Is ready with its name and serves until it is stopped. */
async function serve(stop: AbortController, onReady: (name: string) => void): Promise<void> {
  onReady('ready')
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve))
}

describe('startServing', () => {
  it('gives what is ready, and ends when it is closed', async () => {
    const serving = await startServing(serve)
    expect(serving.ready).toBe('ready')
    await serving.close()
    await serving.ended
  })

  it('is stopped by the signal, also by one that has aborted before', async () => {
    const stop = new AbortController()
    const serving = await startServing(serve, stop.signal)
    stop.abort()
    await serving.ended
    await (await startServing(serve, stop.signal)).ended
  })

  it('rejects with what it failed of before it was ready', async () => {
    await expect(startServing(() => Promise.reject(new Error('no database')))).rejects.toThrow('no database')
  })

  it('tells in `ended` what it failed of later; closing does not throw it again', async () => {
    const serving = await startServing(async (stop, onReady: (name: string) => void) => {
      await serve(stop, onReady)
      throw new Error('password changed')
    })
    await serving.close()
    await expect(serving.ended).rejects.toThrow('password changed')
  })
})
