// The names that changelogs are made of, apart from the change types: which element knows which attributes.

/** Attributes as they are written; look-ups of change set and include attributes ignore case. */
export const attributesOf = {
  databaseChangeLog: ['logicalFilePath', 'context', 'contextFilter', 'objectQuotingStrategy', 'changeLogId'],
  changeSet: [
    'id',
    'author',
    'context',
    'contextFilter',
    'labels',
    'dbms',
    'runOnChange',
    'runAlways',
    'failOnError',
    'onValidationFail',
    'runInTransaction',
    'logicalFilePath',
    'objectQuotingStrategy',
    'created',
    'runOrder',
    'ignore',
    'runWith',
    'runWithSpoolFile',
  ],
  include: [
    'id',
    'author',
    'file',
    'relativeToChangelogFile',
    'errorIfMissing',
    'context',
    'contextFilter',
    'labels',
    'ignore',
    'created',
    'logicalFilePath',
  ],
  includeAll: [
    'path',
    'errorIfMissingOrEmpty',
    'relativeToChangelogFile',
    'resourceComparator',
    'filter',
    'resourceFilter',
    'context',
    'labels',
    'contextFilter',
    'minDepth',
    'maxDepth',
    'endsWithFilter',
    'ignore',
    'logicalFilePath',
  ],
  property: [
    'file',
    'relativeToChangelogFile',
    'errorIfMissing',
    'name',
    'value',
    'dbms',
    'context',
    'contextFilter',
    'labels',
    'global',
    'target',
  ],
  removeChangeSetProperty: ['change', 'dbms', 'remove'],
  modifyChangeSets: ['runWith', 'runWithSpoolFile', 'endDelimiter', 'stripComments'],
  modifySql: ['dbms', 'context', 'contextFilter', 'labels', 'applyToRollback'],
  preConditions: ['onFail', 'onError', 'onSqlOutput', 'onFailMessage', 'onErrorMessage'],
  rollback: ['changeSetId', 'changeSetAuthor', 'changeSetPath'],
} as const satisfies Record<string, readonly string[]>

/** SQL visitors of modifySql. appendSqlIfNotPresent is not among them: Liquibase 4.33 leaves it out, of checksums as well. */
export const visitorAttributes = {
  append: ['value'],
  prepend: ['value'],
  replace: ['replace', 'with'],
  regExpReplace: ['replace', 'with'],
} as const satisfies Record<string, readonly string[]>

interface PreconditionVocabulary {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}
const schema = ['schemaName', 'catalogName']

/** Precondition types, names case-sensitive, with their attributes; `sql` is also the text of the element. */
export const preconditionAttributes: Readonly<Record<string, PreconditionVocabulary>> = {
  dbms: { required: ['type'], optional: [] },
  runningAs: { required: ['username'], optional: [] },
  changeSetExecuted: { required: ['id', 'author'], optional: ['changeLogFile'] },
  columnExists: { required: ['tableName', 'columnName'], optional: schema },
  tableExists: { required: ['tableName'], optional: schema },
  viewExists: { required: ['viewName'], optional: schema },
  foreignKeyConstraintExists: { required: ['foreignKeyName'], optional: ['foreignKeyTableName', ...schema] },
  indexExists: { required: [], optional: ['indexName', 'tableName', 'columnNames', ...schema] },
  primaryKeyExists: { required: [], optional: ['primaryKeyName', 'tableName', ...schema] },
  uniqueConstraintExists: { required: ['tableName'], optional: ['constraintName', 'columnNames', ...schema] },
  sequenceExists: { required: ['sequenceName'], optional: schema },
  rowCount: { required: ['tableName', 'expectedRows'], optional: schema },
  tableIsEmpty: { required: ['tableName'], optional: schema },
  sqlCheck: { required: ['expectedResult', 'sql'], optional: [] },
  changeLogPropertyDefined: { required: ['property'], optional: ['value'] },
  expectedQuotingStrategy: { required: ['strategy'], optional: [] },
  customPrecondition: { required: ['className'], optional: [] },
}

/** Short names of databases that `dbms` lists are written with; extensions bring more. */
export const databaseNames: readonly string[] = [
  'asany',
  'cloudspanner',
  'cockroachdb',
  'databricks',
  'db2',
  'db2z',
  'derby',
  'edb',
  'firebird',
  'h2',
  'hsqldb',
  'informix',
  'ingres',
  'mariadb',
  'mongodb',
  'mssql',
  'mysql',
  'oracle',
  'postgresql',
  'redshift',
  'snowflake',
  'sqlite',
  'sybase',
  'vertica',
]
