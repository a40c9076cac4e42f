import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCcxtOptions } from '../src/index.js'

const file = join(mkdtempSync(join(tmpdir(), 'fullon-ccxt-')), 'ccxt.json')

it('reads options by exchange', () => {
  writeFileSync(file, '{"kraken":{"rateLimit":2000}}')
  expect(readCcxtOptions(file)).toEqual({ kraken: { rateLimit: 2000 } })
})

it('refuses a file it cannot use instead of calling the wrong endpoints', () => {
  expect(() => readCcxtOptions('/does/not/exist.json')).toThrow(/expected a JSON file of options by exchange/)
  writeFileSync(file, '["kraken"]')
  expect(() => readCcxtOptions(file)).toThrow(/not an object of objects/)
})
