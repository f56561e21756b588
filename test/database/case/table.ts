// Stories of the change types for tables and columns.
import type { Written } from '../change-set.ts'
import { type Case, rows, column, sqlite, table, tables } from './case.ts'

const renameEmail = { renameColumn: { ...table, oldColumnName: 'email', newColumnName: 'mail_address' } }

const everyKind = (noteDefault: Readonly<Record<string, string>>): Written => ({
  createTable: {
    tableName: 'Every Kind',
    remarks: "it's all here",
    columns: [
      column('id', 'bigint', {
        autoIncrement: 'true',
        constraints: { primaryKey: true, primaryKeyName: 'pk_every' },
      }),
      column('order', 'int', { defaultValueNumeric: '7', remarks: 'a reserved word' }),
      column('code', 'char(3)', { constraints: { unique: true, uniqueConstraintName: 'uq_code' } }),
      column('active', 'boolean', { defaultValueBoolean: 'true' }),
      column('since', 'timestamp', { defaultValueComputed: 'CURRENT_TIMESTAMP' }),
      column('born', 'date', { defaultValueDate: '2001-02-03' }),
      column('note', 'clob', noteDefault),
      column('picture', 'longblob'),
      column('token', 'uuid'),
    ],
  },
})

export const tableCases: readonly Case[] = [
  { title: 'createTable', apply: tables, reverse: 'automatic' },
  {
    title: 'createTable with everything',
    apply: [everyKind({ defaultValue: "it's" })],
    reverse: 'automatic',
    // A text has no default there but an expression.
    on: { mysql: { apply: [everyKind({ defaultValueComputed: "('it''s')" })] } },
  },
  { title: 'dropTable', setup: tables, apply: [{ dropTable: { tableName: 'invoice' } }], reverse: tables.slice(1) },
  {
    title: 'renameTable',
    setup: tables,
    apply: [{ renameTable: { oldTableName: 'invoice', newTableName: 'bill' } }],
    reverse: 'automatic',
  },
  {
    title: 'setTableRemarks',
    setup: tables,
    apply: [{ setTableRemarks: { ...table, remarks: "who buys; it's them" } }],
    reverse: [{ sql: 'comment on table customer is null' }],
    on: { mariadb: { reverse: [{ setTableRemarks: { ...table, remarks: '' } }] } },
    unsupportedOn: sqlite,
  },
  {
    title: 'setColumnRemarks',
    setup: tables,
    apply: [{ setColumnRemarks: { ...table, columnName: 'name', remarks: 'full name' } }],
    reverse: [{ sql: 'comment on column customer.name is null' }],
    // Whatever is not said again is taken away from the column.
    on: {
      mariadb: {
        apply: [
          {
            setColumnRemarks: {
              ...table,
              columnName: 'name',
              columnDataType: 'varchar(50) not null',
              remarks: "full name; it's theirs",
            },
          },
        ],
        reverse: [{ modifyDataType: { ...table, columnName: 'name', newDataType: 'varchar(50) not null' } }],
      },
    },
    unsupportedOn: sqlite,
  },
  {
    title: 'addColumn',
    setup: [...tables, ...rows],
    apply: [
      {
        addColumn: {
          ...table,
          columns: [
            column('city', 'varchar(30)', { value: 'Utrecht' }),
            column('level', 'int', { defaultValueNumeric: '1', constraints: { nullable: false } }),
          ],
        },
      },
    ],
    reverse: 'automatic',
  },
  {
    title: 'addColumn with constraints and a value for a column that must have one',
    setup: [...tables, ...rows],
    apply: [
      {
        addColumn: {
          ...table,
          columns: [
            column('country', 'char(2)', { value: 'NL', constraints: { nullable: false } }),
            column('serial_number', 'int', {
              remarks: 'r',
              constraints: { unique: true, uniqueConstraintName: 'uq_serial' },
            }),
          ],
        },
      },
    ],
    reverse: 'automatic',
    unsupportedOn: sqlite,
  },
  {
    title: 'dropColumn',
    setup: [...tables, ...rows],
    apply: [{ dropColumn: { ...table, columnName: 'points' } }],
    reverse: [{ addColumn: { ...table, columns: [column('points', 'int', { defaultValueNumeric: '0' })] } }],
  },
  {
    title: 'dropColumn of several',
    setup: tables,
    apply: [{ dropColumn: { ...table, columns: [column('email', ''), column('points', '')] } }],
    reverse: [
      {
        addColumn: {
          ...table,
          columns: [column('email', 'varchar(100)'), column('points', 'int', { defaultValueNumeric: '0' })],
        },
      },
    ],
  },
  {
    title: 'renameColumn',
    setup: tables,
    apply: [renameEmail],
    reverse: 'automatic',
    on: {
      mariadb: { apply: [{ renameColumn: { ...renameEmail.renameColumn, columnDataType: 'varchar(100)' } }] },
    },
  },
  {
    title: 'modifyDataType',
    setup: [...tables, ...rows],
    apply: [{ modifyDataType: { ...table, columnName: 'points', newDataType: 'varchar(20)' } }],
    reverse: [
      { dropDefaultValue: { ...table, columnName: 'points' } },
      { modifyDataType: { ...table, columnName: 'points', newDataType: 'int' } },
      { addDefaultValue: { ...table, columnName: 'points', columnDataType: 'int', defaultValueNumeric: '0' } },
    ],
    unsupportedOn: sqlite,
  },
  {
    title: 'mergeColumns',
    setup: [...tables, ...rows],
    apply: [
      {
        mergeColumns: {
          ...table,
          column1Name: 'email',
          column2Name: 'points',
          joinString: ' / ',
          finalColumnName: 'both',
          finalColumnType: 'varchar(200)',
        },
      },
    ],
    reverse: [
      { dropColumn: { ...table, columnName: 'both' } },
      {
        addColumn: {
          ...table,
          columns: [column('email', 'varchar(100)'), column('points', 'int', { defaultValueNumeric: '0' })],
        },
      },
    ],
  },
  {
    title: 'addAutoIncrement',
    setup: tables,
    apply: [{ addAutoIncrement: { ...table, columnName: 'id', columnDataType: 'int', startWith: '100' } }],
    reverse: [{ sql: 'alter table customer alter column id drop default; drop sequence customer_id_seq' }],
    on: { mariadb: { reverse: [{ sql: 'alter table customer modify id int not null' }] } },
    copiedOn: sqlite,
  },
]
