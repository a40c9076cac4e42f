import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RotatingFile, type RotatingFileOptions } from '../src/rotating-file.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let folder: string
let now: number
const opened: RotatingFile[] = []

function openLog(options: RotatingFileOptions = {}): RotatingFile {
  const file = new RotatingFile(join(folder, 'service.log'), { now: () => now, ...options })
  opened.push(file)
  return file
}

const files = () => readdirSync(folder).toSorted()
const read = (file: string) => readFileSync(join(folder, file), 'utf8')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fullon-log-'))
  now = Date.now()
})

afterEach(() => {
  for (const file of opened.splice(0)) file.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('RotatingFile', () => {
  it('puts a full file aside under the time, also one that was full before it started', () => {
    writeFileSync(join(folder, 'service.log'), '123456\n')
    const log = openLog({ rotation: { maxBytes: 10 } })
    log.write('1234\n')
    log.write('1234\n')
    log.write('äöü\n') // seven bytes
    log.write('123\n')
    const stamp = new Date(now)
      .toISOString()
      .slice(0, -1)
      .replace('T', '_')
      .replaceAll(/[:.]/g, (c) => (c === ':' ? '-' : '_'))
    expect(files()).toEqual([`service.${stamp}.log`, `service.${stamp}_1.log`, `service.${stamp}_2.log`, 'service.log'])
    expect(files().map(read)).toEqual(['123456\n', '1234\n1234\n', 'äöü\n', '123\n'])
  })

  it('writes a line that is larger than a file may be rather than lose it', () => {
    const log = openLog({ rotation: { maxBytes: 3 } })
    log.write('123456\n')
    log.write('123456\n')
    expect(files().map(read)).toEqual(['123456\n', '123456\n'])
  })

  it('puts an old file aside', () => {
    const log = openLog({ rotation: { maxAgeMs: DAY_MS } })
    log.write('1\n')
    now += DAY_MS - HOUR_MS
    log.write('2\n')
    now += 2 * HOUR_MS
    log.write('3\n')
    log.write('4\n')
    now += DAY_MS
    log.write('5\n')
    expect(files().map(read)).toEqual(['1\n2\n', '3\n4\n', '5\n'])
  })

  it('puts a file aside at a time of day, each day', () => {
    const midnight = new Date(now).setHours(24, 0, 0, 0)
    const log = openLog({ rotation: { minuteOfDay: 0 } })
    log.write('today\n')
    now = midnight - 1
    log.write('today\n')
    now = midnight
    log.write('tomorrow\n')
    now = new Date(midnight).setHours(24, 0, 0, 0)
    log.write('the day after\n')
    expect(files().map(read)).toEqual(['today\ntoday\n', 'tomorrow\n', 'the day after\n'])
  })

  it('keeps so many files, and nothing that is not its own is touched', () => {
    const others = [
      'service.2024-01-01_00-00-00_000.txt',
      'service.log.1',
      'services.2024-01-01_00-00-00_000.log',
      'service.old.log',
    ]
    for (const file of others) {
      writeFileSync(join(folder, file), '')
      utimesSync(join(folder, file), 0, 0)
    }
    const log = openLog({ rotation: { maxBytes: 1 }, retention: { maxFiles: 2 } })
    for (const line of ['1', '2', '3', '4', '5']) {
      now += 1000
      log.write(line)
    }
    expect(files()).toEqual(expect.arrayContaining(others))
    const own = files().filter((file) => !others.includes(file))
    expect(own.map(read)).toEqual(['3', '4', '5'])
  })

  it('removes files that are older than they may be, also at the start', () => {
    const log = openLog({ rotation: { maxBytes: 1 } })
    for (const line of ['1', '2', '3']) {
      log.write(line)
      now += DAY_MS
    }
    expect(files().map(read)).toEqual(['1', '2', '3'])
    openLog({ retention: { maxAgeMs: 1.5 * DAY_MS } })
    expect(files().map(read)).toEqual(['2', '3'])
  })

  it('begins a new file when somebody has moved or removed the one it was writing', () => {
    const log = openLog({ rotation: { maxBytes: 4 }, retention: { maxFiles: 1 } })
    log.write('1\n')
    rmSync(folder, { recursive: true })
    log.write('234\n')
    expect(files().map(read)).toEqual(['234\n'])
  })

  it('goes on in the file it has when no other can be had', () => {
    const log = openLog({ rotation: { maxBytes: 4 }, retention: { maxFiles: 1 } })
    log.write('1\n')
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'a file where the folder was')
    expect(() => log.write('234\n')).not.toThrow()
    rmSync(folder)
    log.write('567\n')
    expect(files().map(read)).toEqual(['567\n'])
  })
})
