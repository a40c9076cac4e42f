import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openScratchDatabase } from '@fullon/embedded'
import postgres from 'postgres'
import { afterAll, describe, expect, it } from 'vitest'
import { checkDisk, checkNode } from '../src/doctor-checks.js'
import { openWorld } from './open-world.js'
import { runInProcess } from './run-in-process.js'

const world = await openWorld({ hours: 1 })

afterAll(() => world[Symbol.asyncDispose]())

interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  readonly mend?: string
}

describe('fullon doctor', () => {
  it('looks at what is configured, and finds all well', async () => {
    await world.fullon('symbol', 'add', 'binance', 'BTC/USDT')
    const findings = await world.json<Finding[]>('doctor')
    expect(findings.map(({ name, ok }) => `${name} ${ok}`)).toEqual(
      ['Node', 'database', 'Redis', 'disk', 'binance', 'clock'].map((name) => `${name} true`),
    )
    expect(findings[1]!.detail).toMatch(/migrations up to date, 1 active symbols/)
  })

  it('says of each thing that is wrong how to mend it, and looks at the others all the same', async () => {
    const env = { ...world.env, DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' }
    const { code, stdout } = await runInProcess(['doctor', 'binanc', 'binance'], env)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^FAILED {2}database: .*127\.0\.0\.1:1.*\n {8}is the server running.* DATABASE_URL$/m)
    expect(stdout).toMatch(/^FAILED {2}Redis: .*\n {8}.*set REDIS_URL/m)
    expect(stdout).toMatch(/^FAILED {2}binanc: .*did you mean binance\?/m)
    expect(stdout).toMatch(/^ok {6}binance: reached/m)
    expect(stdout).not.toContain('secret')
    expect(stdout).not.toContain('\u001b')
  })

  it('finds a Node that is too old, and a disk that is nearly full', async () => {
    await expect(checkNode('20.18.3').check()).rejects.toThrow('expected 20.19 or newer, got 20.18.3')
    await expect(checkNode('18.20.0').check()).rejects.toThrow('got 18.20.0')
    expect(await checkNode('22.0.0').check()).toBe('22.0.0')
    const full = checkDisk({ dataDir: join(world.dataDir, 'not', 'there', 'yet') }, Number.MAX_VALUE)
    await expect(full.check()).rejects.toThrow(/^expected .* GB, [\d.]+ GB free at \//)
    expect(full.mend).toContain('free some space')
  })

  it('finds a database that lacks the tables, where its user may not make them', async () => {
    await using scratch = await openScratchDatabase({ serverUrl: process.env.TEST_DATABASE_URL })
    const role = `reader_${randomUUID().slice(0, 8)}`
    const sql = postgres(scratch.url, { max: 1, onnotice: () => {} })
    await sql.unsafe(`create role ${role}; revoke create on schema public from public`)
    const url = new URL(scratch.url)
    url.searchParams.set('options', `-c role=${role}`)
    const { code, stdout } = await runInProcess(['doctor', 'binance'], { ...world.env, DATABASE_URL: url.href })
    await sql.unsafe(`drop role ${role}`)
    await sql.end()
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/^FAILED {2}database: .*permission denied.*\n {8}.*may the user create tables\?/m),
    })
  })

  it('notices a clock that is not the exchange’s', async () => {
    const late = createServer(async (request, response) => {
      const { status, body } = await ask(request.url ?? '')
      const date = new Date(Date.now() - 60_000).toUTCString()
      response.writeHead(status, { 'content-type': 'application/json', date }).end(body)
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => late.once('listening', resolve))
    const url = `http://127.0.0.1:${(late.address() as AddressInfo).port}`
    const ccxtOptions = join(world.dataDir, 'late.json')
    writeFileSync(ccxtOptions, JSON.stringify(world.simulator.ccxtOptions).replaceAll(world.simulator.url, url))
    const { code, stdout } = await runInProcess(['doctor', 'binance'], {
      ...world.env,
      FULLON_CCXT_OPTIONS: ccxtOptions,
    })
    late.close()
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/FAILED {2}clock: .*(59|60)\d{3} ms behind ours\n {8}.*NTP/),
    })
  })
})

async function ask(path: string): Promise<{ status: number; body: string }> {
  const response = await fetch(world.simulator.url + path)
  return { status: response.status, body: await response.text() }
}
