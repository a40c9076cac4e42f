import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { defaultDataDir } from '../src/index.js'

const IS_LINUX = process.platform === 'linux'

test('FULLON_DATA_DIR wins, wherever it is', () => {
  expect(defaultDataDir({ FULLON_DATA_DIR: '/srv/fullon', XDG_DATA_HOME: '/xdg' })).toBe('/srv/fullon')
  expect(defaultDataDir({ FULLON_DATA_DIR: 'here' })).toBe(resolve('here'))
})

test.runIf(IS_LINUX)('data go to the folder that the desktop says, unless it is a relative one', () => {
  expect(defaultDataDir({ XDG_DATA_HOME: '/xdg', HOME: '/home/alice' })).toBe('/xdg/fullon')
  expect(defaultDataDir({ XDG_DATA_HOME: 'xdg', HOME: '/home/alice' })).toBe(defaultDataDir({ HOME: '/home/alice' }))
})

test.runIf(IS_LINUX)('data never go where the server cannot get: root has a folder outside its home', () => {
  const expected = process.getuid?.() === 0 ? '/var/lib/fullon' : '/home/alice/.local/share/fullon'
  expect(defaultDataDir({ HOME: '/home/alice' })).toBe(expected)
})
