// Every change type with all its attributes, as the original engine (4.33) has them, and values to write for them.

/** Before it is written: attributes in order, the text of an element in XML, and elements inside. */
export interface Part {
  readonly name: string
  readonly attributes?: Readonly<Record<string, string>>
  /** A key of its own in YAML and JSON. */
  readonly text?: readonly [key: string, text: string]
  readonly parts?: readonly Part[]
  /** Parts are entries of a list of that name in YAML and JSON; beside one another in XML. */
  readonly list?: string
}

const table = 'catalogName schemaName tableName'
const column =
  'name computed type value valueNumeric valueDate valueBoolean valueBlobFile valueClobFile encoding valueComputed valueSequenceNext ' +
  'valueSequenceCurrent defaultValue defaultValueNumeric defaultValueDate defaultValueBoolean defaultValueComputed ' +
  'defaultValueSequenceNext defaultValueConstraintName autoIncrement generationType defaultOnNull startWith incrementBy remarks ' +
  'descending included'
const constraints =
  'nullable notNullConstraintName primaryKey primaryKeyName primaryKeyTablespace references referencedTableCatalogName ' +
  'referencedTableSchemaName referencedTableName referencedColumnNames unique uniqueConstraintName checkConstraint deleteCascade ' +
  'foreignKeyName initiallyDeferred deferrable validateNullable validateUnique validatePrimaryKey validateForeignKey'
const sequence = 'cacheSize catalogName cycle dataType incrementBy maxValue minValue ordered schemaName sequenceName'
const load =
  'catalogName commentLineStartsWith encoding file quotchar relativeToChangelogFile schemaName separator tableName usePreparedStatements'

/** The others of a column have no effect on rows that come from a file, and Sluice says so. */
const loaded =
  'name type header index allowUpdate nullPlaceholder valueComputed defaultValue defaultValueNumeric defaultValueDate ' +
  'defaultValueBoolean defaultValueComputed remarks'

/** Attributes of change types; after a `|` what stands inside: columns, a condition, parameters, or the text of the element. */
export const changes: Readonly<Record<string, string>> = {
  addAutoIncrement: `${table} columnDataType columnName defaultOnNull generationType incrementBy startWith`,
  addColumn: `${table} | column+place`,
  addDefaultValue: `${table} columnDataType columnName defaultValue defaultValueBoolean defaultValueComputed defaultValueConstraintName defaultValueDate defaultValueNumeric defaultValueSequenceNext`,
  addForeignKeyConstraint:
    'baseColumnNames baseTableCatalogName baseTableName baseTableSchemaName constraintName deferrable deleteCascade initiallyDeferred onDelete onUpdate referencedColumnNames referencedTableCatalogName referencedTableName referencedTableSchemaName referencesUniqueColumn validate',
  addLookupTable:
    'constraintName existingColumnName existingTableCatalogName existingTableName existingTableSchemaName newColumnDataType newColumnName newTableCatalogName newTableName newTableSchemaName',
  addNotNullConstraint: `${table} columnDataType columnName constraintName defaultNullValue validate`,
  addPrimaryKey: `${table} clustered columnNames constraintName forIndexCatalogName forIndexName forIndexSchemaName tablespace validate`,
  addUniqueConstraint: `${table} clustered columnNames constraintName deferrable disabled forIndexCatalogName forIndexName forIndexSchemaName initiallyDeferred tablespace validate`,
  alterSequence: sequence,
  createIndex: `${table} associatedWith clustered indexName tablespace unique using | column+place`,
  createProcedure:
    'catalogName comment dbms encoding path procedureName relativeToChangelogFile replaceIfExists schemaName | text procedureText',
  createSequence: `${sequence} startValue`,
  createTable: `${table} ifNotExists remarks rowDependencies tableType tablespace | column`,
  createView:
    'catalogName encoding fullDefinition path relativeToChangelogFile remarks replaceIfExists schemaName viewName | text selectQuery',
  customChange: 'class | param name value',
  delete: `${table} | where`,
  dropAllForeignKeyConstraints: 'baseTableCatalogName baseTableName baseTableSchemaName',
  dropColumn: `${table} columnName | column`,
  dropDefaultValue: `${table} columnDataType columnName`,
  dropForeignKeyConstraint: 'baseTableCatalogName baseTableName baseTableSchemaName constraintName',
  dropIndex: `${table} indexName`,
  dropNotNullConstraint: `${table} columnDataType columnName constraintName`,
  dropPrimaryKey: `${table} constraintName dropIndex`,
  dropProcedure: 'catalogName procedureName schemaName',
  dropSequence: 'catalogName schemaName sequenceName',
  dropTable: `${table} cascadeConstraints`,
  dropUniqueConstraint: `${table} constraintName uniqueColumns`,
  dropView: 'catalogName ifExists schemaName viewName',
  empty: '',
  executeCommand: 'executable os timeout | arg value',
  insert: `${table} dbms | column`,
  loadData: `${load} | column+load`,
  loadUpdateData: `${load} onlyUpdate primaryKey | column+load`,
  mergeColumns: `${table} column1Name column2Name finalColumnName finalColumnType joinString`,
  modifyDataType: `${table} columnName newDataType`,
  output: 'target | text message',
  renameColumn: `${table} columnDataType newColumnName oldColumnName remarks`,
  renameSequence: 'catalogName newSequenceName oldSequenceName schemaName',
  renameTable: 'catalogName newTableName oldTableName schemaName',
  renameView: 'catalogName newViewName oldViewName schemaName',
  setColumnRemarks: `${table} columnDataType columnName columnParentType remarks`,
  setTableRemarks: `${table} remarks`,
  sql: 'dbms endDelimiter splitStatements stripComments | text sql',
  sqlFile: 'dbms encoding endDelimiter path relativeToChangelogFile splitStatements stripComments',
  stop: 'message',
  tagDatabase: 'keepTagOnRollback tag',
  update: `${table} | column where`,
}

const flags =
  /^(?:autoIncrement|clustered|computed|cycle|cascadeConstraints|defaultOnNull|defaultValueBoolean|deferrable|deleteCascade|descending|disabled|dropIndex|fullDefinition|if(?:Not)?Exists|included|initiallyDeferred|keepTagOnRollback|nullable|onlyUpdate|ordered|primaryKey|referencesUniqueColumn|relativeToChangelogFile|replaceIfExists|rowDependencies|splitStatements|stripComments|unique|usePreparedStatements|validate\w*|valueBoolean|allowUpdate)$/
const numbers =
  /^(?:cacheSize|incrementBy|maxValue|minValue|position|startValue|startWith|index|\w*valueNumeric|defaultValueNumeric)$/i
const given: Readonly<Record<string, string>> = {
  timeout: '10s',
  type: 'varchar(9)',
  valueDate: '2020-01-02T03:04:05',
  defaultValueDate: '2020-01-02',
  dbms: 'postgresql,h2',
  encoding: 'UTF-8',
  onDelete: 'CASCADE',
  onUpdate: 'RESTRICT',
  loadType: 'STRING',
  commentLineStartsWith: '//',
  quotchar: "'",
  separator: ';',
  columnParentType: 'TABLE',
  generationType: 'ALWAYS',
  target: 'STDOUT',
  referencedColumnNames: 'a, b',
}

/** The key of loadUpdateData is a name and not a flag. */
export const valueOf = (owner: string, name: string): string => {
  if (name === 'primaryKey' && owner === 'loadUpdateData') return 'id'
  if (flags.test(name)) return 'true'
  if (numbers.test(name)) return '7'
  return given[name] ?? `it's <${name}> & "more"`
}
const attributesFor = (owner: string, names: string): Record<string, string> =>
  Object.fromEntries(
    names
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => [name, valueOf(owner, name)]),
  )

export function changeOf(name: string): Part {
  const [own = '', inside = ''] = (changes[name] ?? '').split('|').map((text) => text.trim())
  const attributes = attributesFor(name, own)
  const words = inside.split(' ')
  if (words[0] === 'text') return { name, attributes, text: [words[1] ?? '', "select 'a' < 1 & 2;\nselect 3"] }
  const [kind = ''] = words
  if (kind === 'param' || kind === 'arg') {
    const part = { name: kind, attributes: attributesFor(kind, words.slice(1).join(' ')) }
    return { name, attributes, parts: [part, part], list: `${kind}s` }
  }
  const condition: readonly Part[] = words.includes('where')
    ? [
        { name: 'where', text: ['', 'a < :value and b = :name'] },
        {
          name: 'whereParams',
          parts: [
            { name: 'param', attributes: attributesFor('param', 'name value valueNumeric valueDate valueBoolean') },
          ],
        },
      ]
    : []
  if (!kind.startsWith('column')) return { name, attributes, parts: condition }
  const more = kind === 'column+place' ? ' afterColumn beforeColumn position' : ''
  const full: Part =
    kind === 'column+load'
      ? { name: 'column', attributes: attributesFor('column', loaded) }
      : {
          name: 'column',
          attributes: attributesFor('column', column + more),
          parts: [{ name: 'constraints', attributes: attributesFor('constraints', constraints) }],
        }
  return { name, attributes, parts: [full, { name: 'column', attributes: { name: 'b', type: 'int' } }, ...condition] }
}
