// Changes that are hard to hash: numbers, dates, functions, sequences, nested constraints, files, odd texts.
import type { Written } from '../database/change-set.ts'

interface Story {
  readonly title: string
  readonly written: Written
  readonly files: Readonly<Record<string, string>>
}

const story = (title: string, written: Written, files: Readonly<Record<string, string>> = {}): Story => ({
  title: `checksum: ${title}`,
  written,
  files,
})
const insertOf = (...columns: readonly Readonly<Record<string, unknown>>[]): Written => ({
  insert: { tableName: 'ship', columns: columns.map((column) => ({ column })) },
})

export const checksumStories: readonly Story[] = [
  story(
    'empty text and text that says null',
    insertOf({ name: 'a', value: '' }, { name: 'b', value: 'Null' }, { name: 'c' }),
  ),
  story(
    'numbers',
    insertOf(
      { name: 'a', valueNumeric: '007' },
      { name: 'b', valueNumeric: '12,345.60' },
      { name: 'c', valueNumeric: '(-3)' },
      { name: 'd', valueNumeric: 'nextnumber()' },
      { name: 'e', valueNumeric: 'NULL' },
    ),
  ),
  story(
    'dates',
    insertOf(
      { name: 'a', valueDate: '1999-12-31' },
      { name: 'b', valueDate: '1999-12-31T23:59:58.500' },
      { name: 'c', valueDate: '1999-12-31 23:59:58' },
      { name: 'd', valueDate: '23:59:58' },
      { name: 'e', valueDate: 'current_date' },
      { name: 'f', valueDate: '1999-12-31T23:59:58-05:00' },
    ),
  ),
  story('booleans', insertOf({ name: 'a', valueBoolean: 'TRUE' }, { name: 'b', valueBoolean: 'no' })),
  story('unicode and line ends', insertOf({ name: 'a', value: 'Zürich\r\n東京 e\u0301' })),
  story('sequence in the schema of the table', {
    insert: {
      schemaName: 'dock',
      tableName: 'ship',
      columns: [{ column: { name: 'id', valueSequenceNext: 'numbers' } }],
    },
  }),
  story('sequence in its own schema', insertOf({ name: 'id', valueSequenceNext: 'other.numbers' })),
  story('where keeps its blanks', {
    update: { tableName: 'ship', columns: [{ column: { name: 'a', value: 'x' } }], where: ' b = 1 ' },
  }),
  story('nested constraints', {
    createTable: {
      tableName: 'ship',
      ifNotExists: 'true',
      columns: [
        {
          column: {
            name: 'harbour_id',
            type: 'bigint',
            constraints: {
              nullable: 'false',
              notNullConstraintName: 'nn_harbour',
              foreignKeyName: 'fk_harbour',
              references: 'harbour(id)',
              deleteCascade: 'true',
              deferrable: 'true',
              initiallyDeferred: 'true',
            },
          },
        },
        { column: { name: 'a', type: 'int', constraints: { primaryKey: 'true', primaryKeyName: 'pk_ship' } } },
        { column: { name: 'b', type: 'int', constraints: { primaryKey: 'true' } } },
      ],
    },
  }),
  story('an index column has no type for the checksum', {
    createIndex: {
      tableName: 'ship',
      indexName: 'ix_ship',
      columns: [{ column: { name: 'a', type: 'int', remarks: 'r', descending: 'true' } }],
    },
  }),
  story('deleteCascade is hashed as onDelete', {
    addForeignKeyConstraint: {
      constraintName: 'fk_ship',
      baseTableName: 'ship',
      baseColumnNames: 'harbour_id',
      referencedTableName: 'harbour',
      referencedColumnNames: 'id',
      deleteCascade: 'true',
      referencesUniqueColumn: 'false',
    },
  }),
  story('false is not the same as nothing', { dropTable: { tableName: 'ship', cascadeConstraints: 'false' } }),
  story('cascade', { dropTable: { schemaName: 'Dock', tableName: 'ship', cascadeConstraints: 'true' } }),
  story('blanks in SQL do not count', {
    sql: { sql: ' select  1 ;\n\tselect 2; ', endDelimiter: ';', stripComments: 'true' },
  }),
  story('a no-break space counts', { sql: 'select\u00a01' }),
  story(
    'SQL in a file',
    { sqlFile: { path: 'a.sql', splitStatements: 'false' } },
    { 'a.sql': '-- ${not_expanded}\r\nselect 1;\r\n' },
  ),
  story(
    'view in a file',
    { createView: { viewName: 'v', path: 'v.sql', remarks: 'r' } },
    { 'v.sql': 'select 1 as one\n' },
  ),
  story('procedure with comment', {
    createProcedure: {
      procedureName: 'p',
      comment: 'why',
      dbms: 'postgresql',
      procedureText: 'create procedure p() begin end',
    },
  }),
  story(
    'data with comments and blank lines',
    { loadData: { tableName: 'ship', file: 'ship.csv' } },
    { 'ship.csv': '\r\n# ships\r\nname,tons\r\n\r\nAurora,12\r\n#gone\r\n"Belle, the",\r\n' },
  ),
  story('custom change', {
    customChange: {
      class: 'com.example.Move',
      param: [{ param: { name: 'to', value: 'b' } }, { param: { name: 'from', value: 'a' } }],
    },
  }),
  story('execute command', { executeCommand: { executable: 'ls', os: 'Linux', timeout: '5s' } }),
  story('default of a sequence', {
    addDefaultValue: { tableName: 'ship', columnName: 'id', defaultValueSequenceNext: 'dock.numbers' },
  }),
  story('default that is a date', {
    addDefaultValue: { tableName: 'ship', columnName: 'since', columnDataType: 'date', defaultValueDate: '1999-12-31' },
  }),
  story('index with everything', {
    createIndex: {
      tableName: 'ship',
      indexName: 'ix',
      unique: 'true',
      using: 'btree',
      associatedWith: 'foreignKey',
      tablespace: 'fast',
      columns: [
        { column: { name: 'lower(name)', computed: 'true' } },
        { column: { name: 'tons', descending: 'true' } },
        { column: { name: 'note', included: 'true' } },
      ],
    },
  }),
  story('sequence with everything', {
    createSequence: {
      sequenceName: 'numbers',
      dataType: 'bigint',
      startValue: '10',
      incrementBy: '5',
      minValue: '0',
      maxValue: '100',
      cacheSize: '3',
      cycle: 'true',
      ordered: 'false',
    },
  }),
]
