// The `database.*` properties against what the original engine (4.28.0) printed for `${database.…}`.
import { expect, test } from 'vitest'
import { factsOf, withHistoryNames } from './facts.ts'

const names = { schemaName: undefined, changelogTable: 'DATABASECHANGELOG', lockTable: 'DATABASECHANGELOGLOCK' }
const of = (shortName: string) =>
  factsOf({
    shortName,
    productName: 'x',
    productVersion: '',
    defaultCatalogName: undefined,
    defaultSchemaName: undefined,
    now: 'NOW()',
    autoIncrementClause: 'AUTO_INCREMENT',
  })

test.each([
  ['mysql', 'fk  restrict         ', 'databasechangelog', '-- '],
  ['mariadb', 'fk  restrict  seq     ', 'databasechangelog', '-- '],
  ['mssql', '   schemas seq space ', 'DATABASECHANGELOG', '--'],
  ['oracle', ' defer   seq space notnull', 'DATABASECHANGELOG', '--'],
  ['postgresql', ' defer restrict schemas seq space ', 'databasechangelog', '--'],
  ['sqlite', ' defer restrict    ', 'DATABASECHANGELOG', '--'],
])('offline %s', (shortName, traits, table, comment) => {
  const { properties } = withHistoryNames(of(shortName), names, true)
  const has = (word: string): string => String(traits.split(' ').includes(word))
  expect(properties).toEqual({
    autoIncrementClause: 'AUTO_INCREMENT',
    currentDateTimeFunction: 'NOW()',
    databaseChangeLogTableName: table,
    databaseChangeLogLockTableName: `${table}${table === table.toLowerCase() ? 'lock' : 'LOCK'}`,
    databaseMajorVersion: '999',
    databaseMinorVersion: '999',
    databaseProductName: `Offline ${shortName}`,
    defaultSchemaNamePrefix: '',
    lineComment: comment,
    typeName: shortName,
    isSafeToRunUpdate: 'false',
    requiresPassword: 'true',
    requiresUsername: 'true',
    supportsForeignKeyDisable: has('fk'),
    supportsInitiallyDeferrableColumns: has('defer'),
    supportsRestrictForeignKeys: has('restrict'),
    supportsSchemas: has('schemas'),
    supportsSequences: has('seq'),
    supportsTablespaces: has('space'),
    supportsNotNullConstraintNames: has('notnull'),
  })
})

test('with a connection', () => {
  const facts = factsOf({
    shortName: 'mariadb',
    productName: 'MariaDB',
    productVersion: '10.11.19-MariaDB-0+deb12u1',
    defaultCatalogName: 'mysql',
    defaultSchemaName: 'mysql',
    now: 'NOW()',
    autoIncrementClause: 'AUTO_INCREMENT',
    url: 'jdbc:mariadb://127.0.0.1:13306/mysql',
  })
  const own = { ...names, schemaName: 'test_x', changelogTable: 'MYLOG' }
  expect(withHistoryNames(facts, own, false).properties).toMatchObject({
    databaseChangeLogTableName: 'MYLOG',
    databaseChangeLogLockTableName: 'DATABASECHANGELOGLOCK',
    databaseMajorVersion: '10',
    databaseMinorVersion: '11',
    databaseProductName: 'MariaDB',
    databaseProductVersion: '10.11.19-MariaDB-0+deb12u1',
    defaultCatalogName: 'mysql',
    defaultSchemaName: 'mysql',
    defaultSchemaNamePrefix: '.mysql',
    liquibaseSchemaName: 'test_x',
    isSafeToRunUpdate: 'true',
  })
  // Nothing was said about the schema of the history.
  expect(withHistoryNames(facts, { ...names, schemaName: 'mysql' }, false).properties).not.toHaveProperty(
    'liquibaseSchemaName',
  )
})
