// What preconditions ask of a database, for the rich schema of `makeSchema`.
import type { Database, Inspect } from '#database/port'

/** Each has answers of both kinds on every rich schema. */
const questions: Readonly<Record<string, (inspect: Inspect) => Promise<boolean>>> = {
  table: (one) => one.table(undefined, 'CUSTOMER'),
  'no table': (one) => one.table(undefined, 'nope'),
  'a view is no table': (one) => one.table(undefined, 'a_view_on_a_view'),
  view: (one) => one.view(undefined, 'a_view_on_a_view'),
  'a table is no view': (one) => one.view(undefined, 'customer'),
  column: (one) => one.column(undefined, 'customer', 'EMAIL'),
  'column of a view': (one) => one.column(undefined, 'a_view_on_a_view', 'id'),
  'no column': (one) => one.column(undefined, 'customer', 'nope'),
  sequence: (one) => one.sequence(undefined, 'order_no'),
  'no sequence': (one) => one.sequence(undefined, 'customer'),
  'primary key': (one) => one.primaryKey(undefined, 'customer', undefined),
  'no primary key': (one) => one.primaryKey(undefined, 'a_view_on_a_view', undefined),
  'foreign key': (one) => one.foreignKey(undefined, 'orders', 'fk_customer'),
  'foreign key anywhere': (one) => one.foreignKey(undefined, undefined, 'FK_CUSTOMER'),
  'foreign key of another table': (one) => one.foreignKey(undefined, 'customer', 'fk_customer'),
  unique: (one) => one.uniqueConstraint(undefined, 'customer', 'uq_email', []),
  'unique by columns': (one) => one.uniqueConstraint(undefined, 'customer', undefined, ['email']),
  'not unique': (one) => one.uniqueConstraint(undefined, 'customer', undefined, ['id', 'email']),
  index: (one) => one.index(undefined, 'orders', 'ix_orders_customer', []),
  'index by columns': (one) => one.index(undefined, 'customer', undefined, ['email']),
  'no index': (one) => one.index(undefined, 'orders', 'ix_nope', []),
}

export const answersOf = async ({ inspect }: Database): Promise<Readonly<Record<string, boolean>>> => {
  const answers: Record<string, boolean> = {}
  for (const [name, ask] of Object.entries(questions)) answers[name] = await ask(inspect)
  return answers
}
