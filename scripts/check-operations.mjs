// Whether docs/operations.md and .env.example name every variable that is read, with its default, and every message
// that warns, fails or ends the service; and nothing that is not there any more.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readText } from './packages.mjs'

const MANUAL = 'docs/operations.md'
/** Of the system or of other programs, not of fullon. */
const FOREIGN = new Set(['HOME', 'XDG_DATA_HOME', 'LOCALAPPDATA', 'NO_COLOR', 'FORCE_COLOR', 'CI', 'TERM'])
/** Read by the tests, and for developers alone. */
const OF_TESTS = ['TEST_DATABASE_URL', 'TEST_REDIS_URL', 'MARKET_DATA_DIR']

const manual = readText(MANUAL)
const sources = ['packages', 'apps']
  .flatMap((parent) => readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}/src`))
  .flatMap(listSources)
const faults = [...checkVariables(), ...checkMessages()]
for (const fault of faults) console.error(`${MANUAL}: ${fault}`)
if (faults.length > 0) process.exitCode = 1

function checkVariables() {
  const read = readVariables()
  const rows = manual.split('\n').filter((line) => line.startsWith('| `'))
  const row = (name) => rows.find((line) => line.split('|')[1].includes(`\`${name}\``))
  const example = new Set([...readText('.env.example').matchAll(/^#([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name))
  const stated = [...rows.join('\n').matchAll(/^\| (`[A-Z][A-Z0-9_]+`(?:, `[A-Z][A-Z0-9_]+`)*) \|/gm)].flatMap(
    ([, names]) => names.replaceAll('`', '').split(', '),
  )
  return [
    ...[...read.keys()].filter((name) => !row(name)).map((name) => `expected a row of ${name}, which is read`),
    ...stated.filter((name) => !read.has(name)).map((name) => `${name}: nothing reads it`),
    ...[...read.keys()].filter((name) => !example.has(name)).map((name) => `.env.example: expected ${name}`),
    ...[...example]
      .filter((name) => !read.has(name) && !OF_TESTS.includes(name))
      .map((name) => `.env.example: nothing reads ${name}`),
    ...[...read]
      .filter(
        ([name, value]) =>
          value &&
          row(name) &&
          !row(name)
            .replaceAll(/(?<=\d),(?=\d{3})/g, '')
            .includes(value),
      )
      .map(([name, value]) => `${name}: expected its default ${value}`),
  ]
}

/** @returns {Map<string, string | undefined>} the variables that the sources read, and the default beside each */
function readVariables() {
  const found = new Map()
  const literal = String.raw`(?: (?:\|\||\?\?) (?:'([\w.:-]+)'|(\d+|true|false)\b))?`
  const ways = [String.raw`\benv\.([A-Z][A-Z0-9_]+)`, String.raw`\bread\('([A-Z][A-Z0-9_]+)', \w+\)`]
  for (const { text } of sources) {
    for (const way of ways) {
      for (const [, name, quoted, plain] of text.matchAll(new RegExp(way + literal, 'g'))) {
        if (!FOREIGN.has(name)) found.set(name, found.get(name) ?? quoted ?? plain)
      }
    }
  }
  return found
}

function checkMessages() {
  const logged = new Set(sources.flatMap(readMessages))
  const stated = new Set([...manual.matchAll(/^\| `([^`]+)` \| (?:warn|error|fatal)/gm)].map(([, message]) => message))
  return [
    ...[...logged].filter((message) => !stated.has(message)).map((message) => `expected a row of '${message}'`),
    ...[...stated].filter((message) => !logged.has(message)).map((message) => `nothing logs '${message}'`),
  ]
}

function readMessages({ path, text }) {
  const calls = [...text.matchAll(/\b(?:log|logger)\??\.(?:warn|error|fatal)\(/gi)]
  return calls.map(({ index }) => {
    const [, literal, constant] =
      /^[\s\S]*?, ?(?:'((?:[^'\\]|\\.)*)'|([A-Z][A-Z_]+)),?\s*\)/.exec(text.slice(index)) ?? []
    const message = literal ?? new RegExp(`const ${constant} =\\s+'([^']*)'`).exec(text)?.[1]
    if (!message) throw new Error(`${path}: expected a constant message, got ${text.slice(index, index + 80)}`)
    return message.replaceAll('`', '')
  })
}

function listSources(folder) {
  const entries = readdirSync(join(ROOT, folder), { recursive: true })
  return entries
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: `${folder}/${name}`, text: readText(`${folder}/${name}`) }))
}
