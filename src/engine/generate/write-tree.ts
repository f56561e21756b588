// A changelog as YAML or JSON, in the form that Liquibase writes.
import { stringify } from 'yaml'
import { type Attributes, type Change, type ChangeSetToWrite, type ColumnOfChange, escaped, written } from './change.ts'

/** Attributes whose value is a boolean or a number in YAML and JSON; all others stay text, also when they look like one. */
const booleans = /^(?:true|false)$/

export function writeYaml(changeSets: readonly ChangeSetToWrite[], attributes: Attributes): string {
  return stringify(
    { databaseChangeLog: entries(changeSets, attributes) },
    // Readers of YAML 1.1, the original among them, take a bare `no` for false and a bare date for a date.
    { lineWidth: 0, indentSeq: false, version: '1.1' },
  )
}

export function writeJson(changeSets: readonly ChangeSetToWrite[], attributes: Attributes): string {
  return `${JSON.stringify({ databaseChangeLog: entries(changeSets, attributes) }, undefined, 2)}\n`
}

/** The list behind `databaseChangeLog`, to be put behind another one. */
export function entries(changeSets: readonly ChangeSetToWrite[], attributes: Attributes): readonly object[] {
  const own = written(attributes).map(([name, value]) => ({ [name]: value }))
  return [...own, ...changeSets.map((changeSet) => ({ changeSet: changeSetTree(changeSet) }))]
}

function changeSetTree({ id, author, attributes, changes }: ChangeSetToWrite): object {
  return { id, author, ...tree(attributes), changes: changes.map((change) => ({ [change.name]: changeTree(change) })) }
}

function changeTree({ attributes, columns, text }: Change): object {
  return {
    ...(columns === undefined || columns.length === 0
      ? {}
      : { columns: columns.map((column) => ({ column: columnTree(column) })) }),
    ...tree(attributes),
    ...(text === undefined ? {} : { [text.field]: escaped(text.value) }),
  }
}

const columnTree = ({ attributes, constraints }: ColumnOfChange): object => ({
  ...tree(attributes),
  ...(constraints === undefined ? {} : { constraints: tree(constraints) }),
})

const tree = (attributes: Attributes): Record<string, string | boolean> =>
  Object.fromEntries(written(attributes).map(([name, value]) => [name, valueOf(name, value)]))

/** Texts of people are never anything else. */
const valueOf = (name: string, value: string): string | boolean =>
  booleans.test(value) &&
  !['remarks', 'defaultValue', 'defaultValueComputed', 'name', 'tableName', 'value'].includes(name)
    ? value === 'true'
    : value
