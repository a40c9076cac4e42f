import { describe, expect, it } from 'vitest'
import { hashPassword, matchesPassword } from '../src/hash-password.js'

// The test vector of RFC 7914, section 12: scrypt("password", "NaCl", N = 1024, r = 8, p = 16).
const VECTOR =
  '$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA'

describe('matchesPassword', () => {
  it('reads hashes that other programs made by the standard', async () => {
    expect(await matchesPassword('password', VECTOR)).toBe(true)
    expect(await matchesPassword('Password', VECTOR)).toBe(false)
  })

  it('hashes one password differently each time, so that equal ones cannot be told', async () => {
    const [one, other] = await Promise.all([hashPassword('same'), hashPassword('same')])
    expect(one).not.toBe(other)
    expect(await matchesPassword('same', one)).toBe(true)
    expect(await matchesPassword('same', other)).toBe(true)
  })

  it.each([
    '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8', // sha256
    '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW', // bcrypt
    '$scrypt$ln=40,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp', // 1 PiB
    '$scrypt$ln=0,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp',
    '$scrypt$ln=10,r=8,p=16$TmFDbA$', // any password would match nothing
    '$scrypt$ln=10,r=8,p=16$TmFDbA$A', // not a whole byte
    '$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQ', // 13 bytes
    '$scrypt$ln=20,r=16,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI', // 2 GiB
  ])('refuses %s with a code of its own', async (hash) => {
    await expect(matchesPassword('password', hash)).rejects.toMatchObject({ code: 'UNSUPPORTED_HASH' })
  })
})
