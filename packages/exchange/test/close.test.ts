import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('leaves nothing behind that keeps a process alive, and no rejection that ends it', async () => {
  const script = fileURLToPath(new URL('./fixtures/close-and-exit.ts', import.meta.url))
  const args = ['--conditions=@fullon/source', '--import', 'tsx', script]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 25_000 })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({ codes: ['CLOSED', 'STREAM_BROKEN'], left: [] })
})
