import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { OrmError } from './errors.js'

// N = 2^15, r = 8, p = 3: 32 MiB and about 0.2 s a password, one of the settings of
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
const COST = { ln: 15, r: 8, p: 3 }
const SALT_BYTES = 16
const HASH_BYTES = 32

// Hashes of others are read with these parameters at most, and at most 1 GiB: 128 · r · 2^ln bytes.
const LARGEST = { ln: 20, r: 32, p: 16 }
const LARGEST_BYTES = 2 ** 30
/** A shorter hash is met by chance, an empty one by every password. */
const SHORTEST_BYTES = 16

// The PHC string format: https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
const ENCODED = /^\$scrypt\$ln=(?<ln>\d+),r=(?<r>\d+),p=(?<p>\d+)\$(?<salt>[A-Za-z0-9+/]+)\$(?<hash>[A-Za-z0-9+/]+)$/

type Cost = typeof COST

/**
 * `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, each time with a salt of its own.
 *
 * @throws OrmError `INVALID` when the password is empty.
 */
export async function hashPassword(password: string): Promise<string> {
  if (password === '') throw new OrmError('INVALID', 'password: expected one or more characters, got an empty text')
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, HASH_BYTES, COST)
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${encode(salt)}$${encode(hash)}`
}

/**
 * Whether `password` is the one of `encoded`; an empty hash is that of nobody's.
 *
 * @throws OrmError `UNSUPPORTED_HASH` when it was hashed by another scheme; the hash is not quoted.
 */
export async function matchesPassword(password: string, encoded: string): Promise<boolean> {
  if (encoded === '') return false
  const { ln, r, p, salt, hash } = ENCODED.exec(encoded.trimEnd())?.groups ?? {}
  const cost: Cost = { ln: Number(ln), r: Number(r), p: Number(p) }
  const expected = Buffer.from(hash ?? '', 'base64')
  if (!salt || expected.length < SHORTEST_BYTES || !isAffordable(cost)) {
    const message = 'password: expected a hash of scrypt, got one of another scheme (set a new password)'
    throw new OrmError('UNSUPPORTED_HASH', message)
  }
  return timingSafeEqual(expected, await derive(password, Buffer.from(salt, 'base64'), expected.length, cost))
}

function isAffordable({ ln, r, p }: Cost): boolean {
  const fits = (value: number, largest: number) => value >= 1 && value <= largest
  return fits(ln, LARGEST.ln) && fits(r, LARGEST.r) && fits(p, LARGEST.p) && 128 * r * 2 ** ln <= LARGEST_BYTES
}

function derive(password: string, salt: Buffer, length: number, { ln, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** ln
  const maxmem = 128 * r * (N + p + 2) // what scrypt needs, https://datatracker.ietf.org/doc/html/rfc7914#section-2
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, { N, r, p, maxmem }, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** Base64 without padding, as the format wants it. */
function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
