import { spawn } from 'node:child_process'
import { expect, it, vi } from 'vitest'
import { ROOT } from './run-command.js'

/** What `npm run` starts, in a group of its own. */
function startByNpm(...args: string[]) {
  const child = spawn('npm', ['run', ...args], { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  const killAll = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {} // all have ended
  }
  return { child, output: () => output, [Symbol.dispose]: killAll }
}

it('fullon simulator answers, until the npm that started it is told to end', { timeout: 180_000 }, async () => {
  using started = startByNpm('fullon', '--', 'simulator', '--protocol', 'kraken')
  const url = await vi.waitFor(
    () => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(started.output()) ?? []
      expect(found).toBeDefined()
      return found!
    },
    { timeout: 120_000 },
  )
  const ask = async () => (await fetch(`${url}/0/public/AssetPairs`)).json()
  expect(await ask()).toMatchObject({ error: [], result: expect.any(Object) })
  started.child.kill('SIGTERM')
  await vi.waitFor(() => expect(ask()).rejects.toThrow(), { timeout: 20_000 })
})
