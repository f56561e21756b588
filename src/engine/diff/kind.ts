// How objects of each kind are known again and told to people.
import type {
  Check,
  Column,
  ForeignKey,
  Index,
  PrimaryKey,
  Routine,
  Sequence,
  Table,
  Trigger,
  UniqueConstraint,
  UserType,
  View,
} from '#database/snapshot/model'
import type { Owner } from '../snapshot/select.ts'
import * as fields from './field.ts'
import type { Kind } from './partition.ts'
import type { Scope } from './scope.ts'
import * as title from './title.ts'

type Named = { readonly name: string }

/** Names are compared as the database compares them. */
const named =
  ({ definer }: Scope) =>
  ({ name }: Named): string =>
    definer.caseSensitive ? name : name.toLowerCase()

/** What has no name is known by what it is. */
const constraintKey = (scope: Scope, name: string | undefined, otherwise: string): string =>
  name === undefined ? otherwise : named(scope)({ name })

const plain = { name: ({ name }: Named) => name, title: ({ name }: Named) => name, owner: undefined }

export const tableKind = (scope: Scope): Kind<Table> => ({
  ...plain,
  type: () => 'table',
  key: named(scope),
  fields: fields.tableFields,
})

export const viewKind = (scope: Scope): Kind<View> => ({
  ...plain,
  type: () => 'view',
  key: named(scope),
  fields: (view) => fields.viewFields(view, scope),
})

export const sequenceKind = (scope: Scope): Kind<Sequence> => ({
  ...plain,
  type: () => 'sequence',
  key: named(scope),
  fields: fields.sequenceFields,
})

export const routineKind = (): Kind<Routine> => ({
  owner: undefined,
  type: ({ kind }) => (kind === 'function' ? 'function' : 'procedure'),
  name: ({ name }) => name,
  title: ({ name, signature }) => (signature === undefined ? name : `${name}(${signature})`),
  key: ({ kind, name, signature }) => `${kind} ${name}(${signature ?? ''})`,
  fields: fields.routineFields,
})

export const typeKind = (scope: Scope): Kind<UserType> => ({
  ...plain,
  type: ({ kind }) => (kind === 'enum' || kind === 'domain' ? kind : 'type'),
  key: named(scope),
  fields: fields.typeFields,
})

/** `places`: the position of each column, where that counts. */
export const columnKind = (scope: Scope, owner: Owner, places?: ReadonlyMap<Column, number>): Kind<Column> => ({
  owner,
  type: () => 'column',
  name: ({ name }) => name,
  title: ({ name }, schemaName) => title.column(schemaName, owner.name, name),
  key: named(scope),
  fields: (column) => ({
    ...(owner.type === 'view' ? { type: column.type.text } : fields.columnFields(column, scope.shortName)),
    order: places?.get(column)?.toString(),
  }),
})

export const primaryKeyKind = (scope: Scope, owner: Owner): Kind<PrimaryKey> => ({
  owner,
  type: () => 'primaryKey',
  name: ({ name }) => name ?? '',
  title: (key, schemaName) => title.primaryKey(schemaName, owner.name, key),
  // A table has one.
  key: () => '',
  fields: (key) => fields.keyFields(key, scope.definer.namesPrimaryKey),
})

export const uniqueKind = (scope: Scope, owner: Owner): Kind<UniqueConstraint> => ({
  owner,
  type: () => 'uniqueConstraint',
  name: ({ name }) => name ?? '',
  title: (one) => title.uniqueConstraint(owner.name, one),
  key: ({ name, columns }) => constraintKey(scope, name, columns.join(',')),
  fields: fields.uniqueFields,
})

export const foreignKeyKind = (scope: Scope, owner: Owner): Kind<ForeignKey> => ({
  owner,
  type: () => 'foreignKey',
  name: ({ name }) => name ?? '',
  title: (key) => title.foreignKey(owner.name, key),
  key: ({ name, columns, referencedTable }) => constraintKey(scope, name, `${columns.join(',')} ${referencedTable}`),
  fields: fields.foreignKeyFields,
})

export const checkKind = (scope: Scope, owner: Owner): Kind<Check> => ({
  owner,
  type: () => 'check',
  name: ({ name }) => name ?? '',
  title: ({ name, definition }) => `${name ?? definition} ON ${owner.name}`,
  key: ({ name, definition }) => constraintKey(scope, name, definition),
  fields: fields.checkFields,
})

export const indexKind = (scope: Scope, owner: Owner): Kind<Index> => ({
  owner,
  type: () => 'index',
  name: ({ name }) => name,
  title: (index, schemaName) => title.index(schemaName, owner.name, index),
  // Those behind constraints follow them; SQLite numbers them anew.
  key: (index) => (index.backsConstraint ? `backs ${index.columns.map(named(scope)).join(',')}` : named(scope)(index)),
  fields: fields.indexFields,
})

export const triggerKind = (scope: Scope, owner: Owner): Kind<Trigger> => ({
  owner,
  type: () => 'trigger',
  name: ({ name }) => name,
  title: ({ name }) => `${name} ON ${owner.name}`,
  key: named(scope),
  fields: fields.triggerFields,
})
