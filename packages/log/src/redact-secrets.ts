const REDACTED = '[redacted]'

// Names that end so, in any case: `apiKey`, `dbPassword`, `EX_ID_1_SECRET`; `f2a` is the second factor of fullon's users.
const NAMES =
  'pass(?:word|wd|phrase)|secret|token|credentials?|(?:api|private|access)[-_]?key|_\\d+_key|authorization|cookie|f2a'
const SECRET_NAME = new RegExp(`(?:${NAMES})$`, 'i')
const SECRET_IN_JSON = new RegExp(`(?:${NAMES})":`, 'i')
const URL_PASSWORD = /(:\/\/[^\s/:@"]*:)[^\s/@"]+(?=@)/g

const REMEMBERED_NAMES = 10_000
const knownNames = new Map<string, boolean>()

/**
 * Whether `fields` may hold a secret: by its names, or somewhere in an object. Asked of every line, so the answer to
 * each name is remembered: matching the names of a usual line again took a sixth of the time the line took.
 */
export function mayHoldSecrets(fields: Readonly<Record<string, unknown>>): boolean {
  for (const name in fields) {
    const value = fields[name]
    if ((typeof value === 'object' && value !== null) || isSecretName(name)) return true
  }
  return false
}

/** JSON without what stands under the names of secrets, at any depth; as it is where there is none. */
export function redactSecrets(json: string): string {
  if (!SECRET_IN_JSON.test(json)) return json
  const redacted = JSON.stringify(JSON.parse(json, (name, value) => (isSecretName(name) && value ? REDACTED : value)))
  return json.endsWith('\n') ? `${redacted}\n` : redacted
}

/** Text whose URLs have lost their passwords. */
export function redactUrls(text: string): string {
  return text.includes('//') ? text.replace(URL_PASSWORD, `$1${REDACTED}`) : text
}

function isSecretName(name: string): boolean {
  let isSecret = knownNames.get(name)
  if (isSecret === undefined) {
    isSecret = SECRET_NAME.test(name)
    if (knownNames.size >= REMEMBERED_NAMES) knownNames.clear() // names that are data would fill the memory
    knownNames.set(name, isSecret)
  }
  return isSecret
}
