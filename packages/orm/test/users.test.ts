import { describe, expect } from 'vitest'
import { test } from './database.js'

describe('db.users', () => {
  test('finds a user by mail, and nobody by a mail that is not known', async ({ db }) => {
    const before = Date.now()
    const user = await db.users.addUser({ mail: 'a@fullon', name: 'Ada', role: 'admin' })
    expect(user).toEqual({
      uid: 1,
      mail: 'a@fullon',
      role: 'admin',
      name: 'Ada',
      lastname: '',
      phone: '',
      idNum: '',
      note: null,
      manager: null,
      timestamp: expect.any(Number),
      active: true,
    })
    expect(Math.abs(user.timestamp - before)).toBeLessThan(60_000)
    expect(await db.users.getByEmail('a@fullon')).toEqual(user)
    expect(await db.users.getUserId('a@fullon')).toBe(user.uid)
    expect(await db.users.getByEmail('b@fullon')).toBeUndefined()
    expect(await db.users.getUserId('b@fullon')).toBeUndefined()
  })

  test('gives the first active administrator', async ({ db }) => {
    expect(await db.users.getFirstAdmin()).toBeUndefined()
    await db.users.addUser({ mail: 'user@fullon' })
    await db.users.addUser({ mail: 'gone@fullon', role: 'admin', active: false })
    await db.users.addUser({ mail: 'first@fullon', role: 'admin', manager: 1 })
    await db.users.addUser({ mail: 'second@fullon', role: 'admin' })
    expect(await db.users.getFirstAdmin()).toMatchObject({ mail: 'first@fullon', manager: 1 })
    expect(await db.users.getCollectorId()).toBe(3)
    expect(await db.users.getCollectorId('user@fullon')).toBe(1)
    expect(await db.users.getCollectorId('nobody@fullon')).toBeUndefined()
  })

  test('does not hand out secrets unasked', async ({ db, sql }) => {
    await db.users.addUser({ mail: 'a@fullon', role: 'admin' })
    await sql`update users set password = 'the hash', f2a = 'the seed'`
    const read = [await db.users.getByEmail('a@fullon'), await db.users.getFirstAdmin()]
    expect(JSON.stringify(read)).not.toMatch(/the hash|the seed/)
  })

  test('refuses a mail that is taken, an empty one, and a manager that does not exist', async ({ db }) => {
    await db.users.addUser({ mail: 'a@fullon' })
    await expect(db.users.addUser({ mail: 'a@fullon' })).rejects.toMatchObject({
      name: 'OrmError',
      code: 'DUPLICATE',
      transient: false,
      message: 'users.addUser: got 23505 Key (mail)=(a@fullon) already exists.',
      cause: { code: '23505' },
    })
    await expect(db.users.addUser({ mail: ' ' })).rejects.toMatchObject({ code: 'INVALID' })
    await expect(db.users.addUser({ mail: 'b@fullon', manager: 99 })).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('lists active users by pages, and finds others by a part of their names or mail', async ({ db }) => {
    for (let index = 1; index <= 5; index++) await db.users.addUser({ mail: `${index}@fullon`, active: index !== 2 })
    await db.users.addUser({ mail: 'x_y@example', name: 'Ada', lastname: 'Lovelace', role: 'admin' })
    const mails = (users: readonly { mail: string }[]) => users.map(({ mail }) => mail)
    expect(mails(await db.users.getActiveUsers({ pageSize: 3 }))).toEqual(['1@fullon', '3@fullon', '4@fullon'])
    expect(mails(await db.users.getActiveUsers({ pageSize: 3, page: 2 }))).toEqual(['5@fullon', 'x_y@example'])
    expect(await db.users.getActiveUsers({ page: 9 })).toEqual([])
    expect(mails(await db.users.getActiveUsers({ role: 'admin' }))).toEqual(['x_y@example'])
    expect(mails(await db.users.search('FULLON', { pageSize: 2 }))).toEqual(['1@fullon', '2@fullon'])
    for (const text of ['ada', 'love', 'x_y']) expect(mails(await db.users.search(text))).toEqual(['x_y@example'])
    for (const text of ['%', '5_fullon', '\\']) expect(await db.users.search(text)).toEqual([])
    await expect(db.users.search('a', { page: 0 })).rejects.toThrow('page: expected a whole number from 1, got 0')
    await expect(db.users.getActiveUsers({ pageSize: 1.5 })).rejects.toBeInstanceOf(RangeError)
  })

  test('changes what it is told and nothing else', async ({ db }) => {
    const user = await db.users.addUser({ mail: 'a@fullon', name: 'Ada', password: 'secret' })
    const changes = { name: 'Grace', role: 'admin' } as const
    const smuggled = { ...changes, password: 'in clear', uid: 99 }
    expect(await db.users.modifyUser(user.uid, smuggled)).toEqual({ ...user, ...changes })
    expect(await db.users.verifyPassword(user.uid, 'secret')).toBe(true)
    expect(await db.users.modifyUser(user.uid, {})).toEqual({ ...user, ...changes })
    expect(await db.users.toggleActive(user.uid)).toMatchObject({ active: false, name: 'Grace' })
    expect(await db.users.toggleActive(user.uid)).toEqual({ ...user, ...changes })
    await db.users.addUser({ mail: 'b@fullon' })
    await expect(db.users.modifyUser(user.uid, { mail: 'b@fullon' })).rejects.toMatchObject({ code: 'DUPLICATE' })
    await expect(db.users.modifyUser(user.uid, { mail: '' })).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('removes a user, unless an account is theirs', async ({ db }) => {
    const { uid } = await db.users.addUser({ mail: 'a@fullon' })
    const catExId = await db.exchanges.installExchange('kraken')
    const exId = await db.exchanges.addUserExchange({ uid, catExId, name: 'one' })
    await expect(db.users.removeUser(uid)).rejects.toMatchObject({ code: 'INVALID' })
    await db.exchanges.removeUserExchange(exId)
    await db.users.removeUser(uid)
    expect(await db.users.getById(uid)).toBeUndefined()
  })

  test('says NOT_FOUND when what should change does not exist', async ({ db }) => {
    const missing = { code: 'NOT_FOUND', message: expect.stringContaining('expected an existing uid, got 9') }
    await expect(db.users.modifyUser(9, { name: 'x' })).rejects.toMatchObject(missing)
    await expect(db.users.updatePassword(9, 'x')).rejects.toMatchObject(missing)
    await expect(db.users.verifyPassword(9, 'x')).rejects.toMatchObject(missing)
    await expect(db.users.toggleActive(9)).rejects.toMatchObject(missing)
    await expect(db.users.removeUser(9)).rejects.toMatchObject(missing)
  })

  test('knows a user by the password that was set, and by no other', async ({ db, sql }) => {
    const { uid } = await db.users.addUser({ mail: 'a@fullon', password: 'correct horse' })
    expect(await db.users.verifyPassword(uid, 'correct horse')).toBe(true)
    expect(await db.users.verifyPassword(uid, 'Correct horse')).toBe(false)
    expect(await db.users.verifyPassword(uid, '')).toBe(false)
    await db.users.updatePassword(uid, 'battery staple')
    expect(await db.users.verifyPassword(uid, 'correct horse')).toBe(false)
    expect(await db.users.verifyPassword(uid, 'battery staple')).toBe(true)
    const [row] = await sql`select password from users`
    expect(row).toEqual({ password: expect.stringMatching(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/) })
    await expect(db.users.addUser({ mail: 'b@fullon', password: '' })).rejects.toMatchObject({ code: 'INVALID' })
  })

  test('lets nobody in without a password, and none in by a hash of another scheme', async ({ db, sql }) => {
    const { uid } = await db.users.addUser({ mail: 'a@fullon' })
    expect(await db.users.verifyPassword(uid, '')).toBe(false)
    await sql`update users set password = ${'a'.repeat(64)}`
    const refused = db.users.verifyPassword(uid, 'a'.repeat(64))
    await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED_HASH', transient: false })
    await expect(refused).rejects.not.toThrow('aaaa')
    await db.users.updatePassword(uid, 'new')
    expect(await db.users.verifyPassword(uid, 'new')).toBe(true)
  })
})
