// What the stories of the change types share.
import type { Written } from '../change-set.ts'

export interface Case {
  readonly title: string
  readonly setup?: readonly Written[]
  readonly apply: readonly Written[]
  /** `automatic` is the inverse that the change types know themselves. */
  readonly reverse: 'automatic' | readonly Written[]
  /** Databases (short names) that cannot do it; the change must say so. */
  readonly unsupportedOn?: readonly string[]
  /** Databases where the engine copies the table for it: sqlite-copy.test.ts tells that. */
  readonly copiedOn?: readonly string[]
  /** Databases where it is left out on purpose and changes nothing. */
  readonly nothingOn?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  /** What reads differently there, by short name; on MySQL what is said of MariaDB, unless it is named itself. */
  readonly on?: Readonly<Record<string, Partial<Omit<Case, 'title' | 'on'>>>>
}

/** The story as it is told on a database. */
export function toldOn(story: Case, dbms: string): Case {
  const { on = {} } = story
  return { ...story, ...(on[dbms] ?? (dbms === 'mysql' ? on['mariadb'] : undefined)) }
}

export const column = (name: string, type: string, more: Readonly<Record<string, unknown>> = {}): Written => ({
  column: { name, type, ...more },
})
export const key = { constraints: { primaryKey: true, nullable: false } }
export const sqlite = ['sqlite']

/** Two tables: `customer (id, name, email, points)` and `invoice (id, customer_id, amount)`. */
export const tables: readonly Written[] = [
  {
    createTable: {
      tableName: 'customer',
      columns: [
        column('id', 'int', key),
        column('name', 'varchar(50)', { constraints: { nullable: false } }),
        column('email', 'varchar(100)'),
        column('points', 'int', { defaultValueNumeric: '0' }),
      ],
    },
  },
  {
    createTable: {
      tableName: 'invoice',
      columns: [column('id', 'int'), column('customer_id', 'int'), column('amount', 'decimal(10,2)')],
    },
  },
]
export const rows: readonly Written[] = [
  {
    insert: {
      tableName: 'customer',
      columns: [column('id', '', { valueNumeric: '1' }), column('name', '', { value: "Grace O'Hara" })],
    },
  },
  {
    insert: {
      tableName: 'customer',
      columns: [column('id', '', { valueNumeric: '2' }), column('name', '', { value: 'Ada' })],
    },
  },
]
export const table = { tableName: 'customer' }
