import { type AnyPgColumn, boolean, integer, pgTable, serial, text } from 'drizzle-orm/pg-core'
import { epochMs, nowUtc } from './epoch-ms.js'

export const users = pgTable('users', {
  uid: serial('uid').primaryKey(),
  mail: text('mail').notNull().unique(),
  /** Empty: this user cannot log in. fullon's own tables refuse null here. */
  password: text('password').notNull().default(''),
  f2a: text('f2a').notNull().default(''),
  role: text('role').notNull().default('user'),
  name: text('name').notNull().default(''),
  lastname: text('lastname').notNull().default(''),
  phone: text('phone').notNull().default(''),
  idNum: text('id_num').notNull().default(''),
  note: text('note'),
  manager: integer('manager').references((): AnyPgColumn => users.uid),
  timestamp: epochMs('timestamp').notNull().default(nowUtc),
  active: boolean('active').notNull().default(true),
})
