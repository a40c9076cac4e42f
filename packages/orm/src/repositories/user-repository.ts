import { and, asc, eq, getTableColumns, not, type SQL, sql } from 'drizzle-orm'
import type { Connection } from '../connection.js'
import { containsText } from '../contains-text.js'
import { notFound, OrmError } from '../errors.js'
import { hashPassword, matchesPassword } from '../hash-password.js'
import { type PageOptions, toLimits } from '../page-options.js'
import { users } from '../schema/users.js'

/** What a user may do; fullon's own tables may say `ADMIN`, and hold others. */
export type Role = 'admin' | 'user'

export interface User {
  readonly uid: number
  readonly mail: string
  /** A {@link Role} as it is stored; compare it by {@link isAdmin}. */
  readonly role: string
  readonly name: string
  readonly lastname: string
  readonly phone: string
  readonly idNum: string
  readonly note: string | null
  /** `uid` of the user who manages this one. */
  readonly manager: number | null
  /** When the user was added, epoch milliseconds. */
  readonly timestamp: number
  readonly active: boolean
}

export interface NewUser extends Partial<Omit<User, 'uid' | 'timestamp' | 'role'>> {
  readonly mail: string
  /** Default: none, the user cannot log in. */
  readonly password?: string
  /** Default: `user`. */
  readonly role?: Role
}

export type UserChanges = Partial<Omit<NewUser, 'password'>>

// Secrets are never selected unless a statement names them.
const { password: _password, f2a: _f2a, ...COLUMNS } = getTableColumns(users)
/** @internal */
export const USER_COLUMNS = COLUMNS

/** Python's fullon writes `ADMIN`, in an enum or a text. */
const hasRole = (role: Role): SQL => sql`lower(${users.role}::text) = ${role}`

export function isAdmin({ role }: Pick<User, 'role'>): boolean {
  return role.toLowerCase() === 'admin'
}

export class UserRepository {
  readonly #connection: Connection

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection
  }

  async getUserId(mail: string): Promise<number | undefined> {
    return (await this.getByEmail(mail))?.uid
  }

  async getByEmail(mail: string): Promise<User | undefined> {
    return this.#find('users.getByEmail', eq(users.mail, mail))
  }

  async getById(uid: number): Promise<User | undefined> {
    return this.#find('users.getById', eq(users.uid, uid))
  }

  /** The active administrator that was added first. */
  async getFirstAdmin(): Promise<User | undefined> {
    return this.#find('users.getFirstAdmin', and(hasRole('admin'), eq(users.active, true)))
  }

  /** The user whose exchanges are collected: that of `mail`, or without one the first administrator. */
  async getCollectorId(mail?: string): Promise<number | undefined> {
    return mail ? this.getUserId(mail) : (await this.getFirstAdmin())?.uid
  }

  /** In the order they were added. */
  async getActiveUsers({ role, ...page }: PageOptions & { readonly role?: Role } = {}): Promise<User[]> {
    return this.#list('users.getActiveUsers', page, and(eq(users.active, true), role && hasRole(role)))
  }

  /** Users whose name, last name or mail contains `text`, in any case, inactive ones included. */
  async search(text: string, page: PageOptions = {}): Promise<User[]> {
    return this.#list('users.search', page, containsText(text, users.name, users.lastname, users.mail))
  }

  /** @throws OrmError `DUPLICATE` when `mail` is taken; `INVALID` when it or the password is empty. */
  async addUser({
    mail,
    password,
    role = 'user',
    name = '',
    lastname = '',
    phone = '',
    idNum = '',
    note = null,
    manager = null,
    active = true,
  }: NewUser): Promise<User> {
    checkMail('users.addUser', mail)
    const hash = password === undefined ? '' : await hashPassword(password)
    // Every column is given: fullon's own table has no default for most, and refuses null.
    const spelled = await this.#spellRole('users.addUser', role)
    const row = { mail, password: hash, f2a: '', role: spelled, name, lastname, phone, idNum, note, manager, active }
    const [user] = await this.#connection.run('users.addUser', (db) =>
      db.insert(users).values(row).returning(USER_COLUMNS),
    )
    return user as User // cast: an insert returns its row
  }

  /**
   * Changes what `changes` holds; the password has {@link updatePassword}.
   *
   * @throws OrmError `NOT_FOUND`; `DUPLICATE` and `INVALID` as in `addUser`.
   */
  async modifyUser(
    uid: number,
    { mail, role, name, lastname, phone, idNum, note, manager, active }: UserChanges,
  ): Promise<User> {
    if (mail !== undefined) checkMail('users.modifyUser', mail)
    // One by one: whatever else an untyped caller passes, such as a password in clear, is not stored.
    const spelled = role && (await this.#spellRole('users.modifyUser', role))
    const changes = { mail, role: spelled, name, lastname, phone, idNum, note, manager, active }
    return this.#update('users.modifyUser', uid, changes)
  }

  /** @throws OrmError `NOT_FOUND`; `INVALID` when the password is empty. */
  async updatePassword(uid: number, password: string): Promise<User> {
    return this.#update('users.updatePassword', uid, { password: await hashPassword(password) })
  }

  /**
   * Whether that is the user's password; it never is where none was set.
   *
   * @throws OrmError `NOT_FOUND`; `UNSUPPORTED_HASH` when another program set it by another scheme.
   */
  async verifyPassword(uid: number, password: string): Promise<boolean> {
    const [row] = await this.#connection.run('users.verifyPassword', (db) =>
      db.select({ hash: users.password }).from(users).where(eq(users.uid, uid)),
    )
    if (!row) throw notFound('users.verifyPassword', { uid })
    return matchesPassword(password, row.hash)
  }

  /** @throws OrmError `NOT_FOUND`. */
  async toggleActive(uid: number): Promise<User> {
    return this.#update('users.toggleActive', uid, { active: not(users.active) })
  }

  /** @throws OrmError `NOT_FOUND`; `INVALID` when an exchange or another table still refers to the user. */
  async removeUser(uid: number): Promise<void> {
    const removed = await this.#connection.run('users.removeUser', (db) =>
      db.delete(users).where(eq(users.uid, uid)).returning({ uid: users.uid }),
    )
    if (removed.length === 0) throw notFound('users.removeUser', { uid })
  }

  /** As this database has it: where the column is an enum, its labels may be `ADMIN` and `USER`. */
  async #spellRole(subject: string, role: Role): Promise<string> {
    const { rows } = await this.#connection.run(subject, (db) =>
      db.execute<{ label: string }>(sql`
        select enumlabel as label from pg_enum join pg_attribute on atttypid = enumtypid
        where attrelid = 'public.users'::regclass and attname = 'role'`),
    )
    return rows.map(({ label }) => label).find((label) => label.toLowerCase() === role) ?? role
  }

  async #find(subject: string, which: SQL | undefined): Promise<User | undefined> {
    const [user] = await this.#list(subject, { pageSize: 1 }, which)
    return user
  }

  async #list(subject: string, page: PageOptions, which: SQL | undefined): Promise<User[]> {
    const { limit, offset } = toLimits(page)
    return this.#connection.run(subject, (db) =>
      db.select(USER_COLUMNS).from(users).where(which).orderBy(asc(users.uid)).limit(limit).offset(offset),
    )
  }

  async #update(subject: string, uid: number, changes: object): Promise<User> {
    const [user] = await this.#connection.run(subject, (db) =>
      db
        .update(users)
        .set({ uid, ...changes }) // the id, so that no changes at all are a statement too
        .where(eq(users.uid, uid))
        .returning(USER_COLUMNS),
    )
    if (user) return user
    throw notFound(subject, { uid })
  }
}

function checkMail(subject: string, mail: string): void {
  if (mail.trim() === '') throw new OrmError('INVALID', `${subject} mail: expected an address, got an empty text`)
}
