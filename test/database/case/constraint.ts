// Stories of the change types for keys, constraints and indexes.
import { type Case, column, rows, sqlite, table, tables } from './case.ts'

const foreignKey = {
  addForeignKeyConstraint: {
    constraintName: 'fk_invoice_customer',
    baseTableName: 'invoice',
    baseColumnNames: 'customer_id',
    referencedTableName: 'customer',
    referencedColumnNames: 'id',
    onDelete: 'CASCADE',
  },
}

const index = {
  createIndex: { tableName: 'invoice', indexName: 'ix_amount', columns: [column('amount', '', { descending: true })] },
}

const unique = { addUniqueConstraint: { ...table, columnNames: 'email, name', constraintName: 'uq_email' } }

const invoiceKey = { addPrimaryKey: { tableName: 'invoice', columnNames: 'id', constraintName: 'pk_invoice' } }

export const constraintCases: readonly Case[] = [
  {
    title: 'addNotNullConstraint',
    setup: [...tables, ...rows],
    apply: [{ addNotNullConstraint: { ...table, columnName: 'points', columnDataType: 'int', defaultNullValue: '0' } }],
    reverse: 'automatic',
    // MODIFY takes the default away, as with the original engine.
    on: {
      mariadb: {
        reverse: [
          { dropNotNullConstraint: { ...table, columnName: 'points', columnDataType: 'int' } },
          {
            addDefaultValue: { ...table, columnName: 'points', columnDataType: 'int', defaultValueNumeric: '0' },
          },
        ],
      },
    },
    unsupportedOn: sqlite,
  },
  {
    title: 'dropNotNullConstraint',
    setup: tables,
    apply: [{ dropNotNullConstraint: { ...table, columnName: 'name', columnDataType: 'varchar(50)' } }],
    reverse: 'automatic',
    unsupportedOn: sqlite,
  },
  {
    title: 'addDefaultValue',
    setup: tables,
    apply: [
      { addDefaultValue: { ...table, columnName: 'email', columnDataType: 'varchar(100)', defaultValue: "n'a" } },
    ],
    reverse: 'automatic',
    copiedOn: sqlite,
  },
  {
    title: 'dropDefaultValue',
    setup: tables,
    apply: [{ dropDefaultValue: { ...table, columnName: 'points', columnDataType: 'int' } }],
    reverse: [{ addDefaultValue: { ...table, columnName: 'points', columnDataType: 'int', defaultValueNumeric: '0' } }],
    unsupportedOn: sqlite,
  },
  {
    title: 'addPrimaryKey',
    setup: tables,
    apply: [invoiceKey],
    reverse: [
      { dropPrimaryKey: { tableName: 'invoice' } },
      { dropNotNullConstraint: { tableName: 'invoice', columnName: 'id' } },
    ],
    unsupportedOn: sqlite,
    on: {
      mariadb: {
        reverse: [
          { dropPrimaryKey: { tableName: 'invoice' } },
          { dropNotNullConstraint: { tableName: 'invoice', columnName: 'id', columnDataType: 'int' } },
        ],
      },
    },
  },
  {
    title: 'dropPrimaryKey',
    setup: [...tables, invoiceKey],
    apply: [{ dropPrimaryKey: { tableName: 'invoice' } }],
    reverse: [invoiceKey],
    copiedOn: sqlite,
  },
  { title: 'addUniqueConstraint', setup: tables, apply: [unique], reverse: 'automatic', unsupportedOn: sqlite },
  {
    title: 'dropUniqueConstraint',
    setup: [...tables, unique],
    apply: [{ dropUniqueConstraint: { ...table, constraintName: 'uq_email' } }],
    reverse: [unique],
    unsupportedOn: sqlite,
  },
  {
    title: 'addForeignKeyConstraint',
    setup: tables,
    apply: [foreignKey],
    reverse: 'automatic',
    unsupportedOn: sqlite,
    // The server makes an index for a foreign key, which stays.
    on: {
      mariadb: {
        reverse: [
          { dropForeignKeyConstraint: { baseTableName: 'invoice', constraintName: 'fk_invoice_customer' } },
          { dropIndex: { tableName: 'invoice', indexName: 'fk_invoice_customer' } },
        ],
      },
    },
  },
  {
    title: 'dropForeignKeyConstraint',
    setup: [...tables, foreignKey],
    apply: [{ dropForeignKeyConstraint: { baseTableName: 'invoice', constraintName: 'fk_invoice_customer' } }],
    reverse: [foreignKey],
    unsupportedOn: sqlite,
  },
  {
    title: 'dropAllForeignKeyConstraints',
    setup: [...tables, foreignKey],
    apply: [{ dropAllForeignKeyConstraints: { baseTableName: 'invoice' } }],
    reverse: [foreignKey],
    unsupportedOn: sqlite,
  },
  {
    title: 'addLookupTable',
    setup: [...tables, ...rows],
    apply: [
      {
        addLookupTable: {
          existingTableName: 'customer',
          existingColumnName: 'name',
          newTableName: 'names',
          newColumnName: 'name',
          newColumnDataType: 'varchar(50)',
        },
      },
    ],
    reverse: 'automatic',
    unsupportedOn: sqlite,
    on: {
      mariadb: {
        reverse: [
          { dropForeignKeyConstraint: { baseTableName: 'customer', constraintName: 'FK_CUSTOMER_NAMES' } },
          { dropTable: { tableName: 'names' } },
          { dropIndex: { tableName: 'customer', indexName: 'FK_CUSTOMER_NAMES' } },
        ],
      },
    },
  },
  { title: 'createIndex', setup: tables, apply: [index], reverse: 'automatic' },
  {
    title: 'dropIndex',
    setup: [...tables, index],
    apply: [{ dropIndex: { tableName: 'invoice', indexName: 'ix_amount' } }],
    reverse: [index],
  },
]
