// Preconditions: every type against a real database, and what follows when they do not hold.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/port'
import { update } from '#engine/update'
import { changeSet, table, yaml } from './changelog.ts'
import { engineOn, faultOf, historyRows, listen, openSuite, type Suite } from './engine.ts'
import { isMysql, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('preconditions')

const setUp = yaml(
  changeSet(
    'setup',
    `
        - createTable:
            tableName: parent
            columns:
              - column: { name: id, type: int, constraints: { primaryKey: true, primaryKeyName: pk_parent, nullable: false } }
              - column: { name: code, type: varchar(9), constraints: { unique: true, uniqueConstraintName: uq_code } }
        - createTable:
            tableName: child
            columns:
              - column: { name: id, type: int, constraints: { primaryKey: true, nullable: false } }
              - column: { name: parent_id, type: int, constraints: { foreignKeyName: fk_child, references: parent(id) } }
        - createIndex: { indexName: ix_child, tableName: child, columns: [ { column: { name: parent_id } } ] }
        - createView: { viewName: v, selectQuery: select id from parent }
        - insert: { tableName: parent, columns: [ { column: { name: id, valueNumeric: 1 } } ] }`,
  ),
)

/** Conditions that hold after `setUp`, each with one of the same type that does not. */
const pairs: readonly (readonly [holds: string, fails: string])[] = [
  ['tableExists: { tableName: parent }', 'tableExists: { tableName: nope }'],
  ['viewExists: { viewName: v }', 'viewExists: { viewName: parent }'],
  ['columnExists: { tableName: parent, columnName: CODE }', 'columnExists: { tableName: parent, columnName: nope }'],
  ['indexExists: { indexName: ix_child }', 'indexExists: { indexName: ix_nope }'],
  [
    'indexExists: { tableName: child, columnNames: parent_id }',
    'indexExists: { tableName: child, columnNames: "id, parent_id" }',
  ],
  ['primaryKeyExists: { tableName: parent }', 'primaryKeyExists: { tableName: nope }'],
  ['rowCount: { tableName: parent, expectedRows: 1 }', 'rowCount: { tableName: parent, expectedRows: 2 }'],
  ['tableIsEmpty: { tableName: child }', 'tableIsEmpty: { tableName: parent }'],
  [
    'sqlCheck: { expectedResult: 1, sql: select count(*) from parent; }',
    'sqlCheck: { expectedResult: 2, sql: select count(*) from parent }',
  ],
  [
    'changeSetExecuted: { id: setup, author: amy, changeLogFile: root.yaml }',
    'changeSetExecuted: { id: nope, author: amy }',
  ],
  [
    'changeLogPropertyDefined: { property: colour, value: red }',
    'changeLogPropertyDefined: { property: colour, value: blue }',
  ],
  ['expectedQuotingStrategy: { strategy: LEGACY }', 'expectedQuotingStrategy: { strategy: QUOTE_ALL_OBJECTS }'],
  ['not: [ { tableExists: { tableName: nope } } ]', 'not: [ { tableExists: { tableName: parent } } ]'],
  [
    'or: [ { tableExists: { tableName: nope } }, { tableExists: { tableName: parent } } ]',
    'and: [ { tableExists: { tableName: nope } }, { tableExists: { tableName: parent } } ]',
  ],
]

describe.each(targetNames)('preconditions on %s', (kind) => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  const guarded = (id: string, options: string, condition: string): string =>
    changeSet(id, table(id), `preConditions: [ ${options}${options === '' ? '' : ', '}{ ${condition} } ]`)
  const run = async (...changeSets: readonly string[]) => {
    const heard = listen()
    const files = yaml('\n  - property: { name: colour, value: red }', ...changeSets)
    const result = await update(await engineOn(database, { files }), {}, heard, undefined)
    return { result, heard }
  }

  test('of every type hold and fail as they should', { timeout: 60_000 }, async () => {
    database = await suite.fresh()
    await update(await engineOn(database, { files: setUp }), {}, listen(), undefined)
    const { shortName } = database.dialect
    const more: (readonly [string, string])[] = [
      [`dbms: { type: "oracle,${shortName}" }`, `dbms: { type: "!${shortName}" }`],
    ]
    if (kind !== 'sqlite') {
      more.push([
        'foreignKeyConstraintExists: { foreignKeyName: fk_child, foreignKeyTableName: child }',
        'foreignKeyConstraintExists: { foreignKeyName: fk_nope }',
      ])
      more.push([
        'uniqueConstraintExists: { tableName: parent, constraintName: uq_code }',
        'uniqueConstraintExists: { tableName: child, columnNames: parent_id }',
      ])
      more.push([`runningAs: { username: ${database.user.toUpperCase()} }`, 'runningAs: { username: somebody }'])
      if (database.dialect.capability.sequences) {
        await database.session.execute('create sequence sq')
        more.push(['sequenceExists: { sequenceName: sq }', 'sequenceExists: { sequenceName: nope }'])
      }
    }
    if (isMysql(kind)) {
      // A catalog is a database there, and so is what changelogs call a schema; the catalog goes first.
      more.push(
        [
          'tableExists: { tableName: db, catalogName: mysql, schemaName: nope }',
          'tableExists: { tableName: parent, catalogName: mysql }',
        ],
        [
          'columnExists: { tableName: db, columnName: user, catalogName: mysql }',
          'viewExists: { viewName: v, catalogName: mysql }',
        ],
      )
    }
    if (kind === 'postgresql' || kind === 'pglite') {
      more.push([
        'columnExists: { tableName: pg_class, columnName: relname, schemaName: pg_catalog }',
        'tableExists: { tableName: parent, schemaName: pg_catalog }',
      ])
    }
    const all = [...pairs, ...more]
    const heard = listen()
    const skip = '{ onFail: CONTINUE }'
    const changeSets = all.flatMap(([holds, fails], index) => [
      guarded(`y${index}`, skip, holds),
      guarded(`n${index}`, skip, fails),
    ])
    const files = yaml('\n  - property: { name: colour, value: red }', ...changeSets)
    await update(await engineOn(database, { files }), {}, heard, undefined)
    const ended = heard.events.filter((event) => !event.startsWith('started'))
    expect(ended).toEqual(all.flatMap((_, index) => [`done y${index}`, `skipped n${index}`]))
  })

  test('that fail halt, skip, mark or warn', async () => {
    database = await suite.fresh()
    const nope = 'tableExists: { tableName: nope }'
    const { result, heard } = await run(
      guarded('skipped', '{ onFail: CONTINUE }', nope),
      guarded('marked', '{ onFail: MARK_RAN }', nope),
      guarded('warned', '{ onFail: WARN }', nope),
    )
    expect([result.ran, result.markedRan, result.skipped]).toEqual([1, 1, 1])
    expect(heard.lines.join('\n')).toContain('Table nope does not exist')
    expect((await historyRows(database)).map((row) => [row['id'], row['exectype']])).toEqual([
      ['marked', 'MARK_RAN'],
      ['warned', 'EXECUTED'],
    ])
    expect(await database.inspect.table(database.defaultSchemaName, 'marked')).toBe(false)
    const fault = await faultOf(
      run(guarded('halt', '{ onFailMessage: not yet }', nope), changeSet('later', table('later'))),
      'precondition-failed',
    )
    expect(fault.message).toContain('not yet')
    expect(fault.diagnostics[0]).toMatchObject({ message: 'Table nope does not exist', span: { file: 'root.yaml' } })
    expect(await database.inspect.table(database.defaultSchemaName, 'later')).toBe(false)
  })

  test('that cannot be evaluated follow onError, and a broken query does no harm', async () => {
    database = await suite.fresh()
    const broken = 'sqlCheck: { expectedResult: 1, sql: select * from nonsense }'
    const { heard } = await run(guarded('a', '{ onFail: HALT, onError: MARK_RAN }', broken), changeSet('b', table('b')))
    expect(heard.events).toEqual(['started a', 'marked-ran a', 'started b', 'done b'])
    await faultOf(run(guarded('c', '{ onFail: MARK_RAN }', broken)), 'precondition-failed')
  })

  test('cannot change anything', async () => {
    database = await suite.fresh()
    await run(changeSet('t', table('t')))
    await run(
      changeSet('t', table('t')),
      guarded(
        'a',
        '{ onFail: CONTINUE, onError: CONTINUE }',
        'sqlCheck: { expectedResult: 7, sql: insert into t values (7) returning id }',
      ),
    )
    const { rows } = await database.session.execute('select id from t')
    expect(rows).toEqual([])
  })

  test('of the whole changelog stop everything before it begins', async () => {
    database = await suite.fresh()
    const root = (options: string): string => `\n  - preConditions: [ ${options}{ tableExists: { tableName: nope } } ]`
    await faultOf(run(root(''), changeSet('1', table('a'))), 'precondition-failed')
    expect(await database.hasTable(database.defaultSchemaName, 'DATABASECHANGELOG')).toBe(false)
    expect((await run(root('{ onFail: WARN }, '), changeSet('1', table('a')))).result.ran).toBe(1)
  })

  test('that do not exist are named before anything runs', async () => {
    database = await suite.fresh()
    const fault = await faultOf(
      run(changeSet('1', table('a')), guarded('2', '', 'tabelExists: { tableName: a }')),
      'changelog-invalid',
    )
    expect(fault.diagnostics[0]?.message).toContain('tabelExists')
    expect(await database.inspect.table(database.defaultSchemaName, 'a')).toBe(false)
  })
})
