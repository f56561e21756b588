// A diff as text, in the shape that Liquibase prints.
import type { Snapshot } from '#database/snapshot/model'
import { type ObjectTypeName, objectTypeNames, objectTypes } from '../snapshot/object-type.ts'
import type { Diff, DiffItem } from './diff.ts'

export function diffText({ reference, comparison, scopes, items }: Diff, types: ReadonlySet<ObjectTypeName>): string {
  const schemas = scopes.map(({ pair: { referenceName, comparison: other } }) =>
    referenceName === other.name ? (other.name ?? '') : `${referenceName ?? ''} -> ${other.name ?? ''}`,
  )
  const listed = objectTypeNames.filter((type) => types.has(type) && isTold(type, reference, items))
  return [
    `Reference Database: ${placeOf(reference)}`,
    `Comparison Database: ${placeOf(comparison)}`,
    `Compared Schemas: ${schemas.join(', ')}`,
    ...productLines('Product Name', reference.database.productName, comparison.database.productName),
    ...productLines('Product Version', reference.database.productVersion, comparison.database.productVersion),
    ...listed.flatMap((type) => [
      ...section('Missing', type, items, 'missing'),
      ...section('Unexpected', type, items, 'unexpected'),
      ...section('Changed', type, items, 'changed'),
    ]),
  ].join('\n')
}

function placeOf({ database, defaultSchemaName }: Snapshot): string {
  const user = database.user === '' ? '' : `${database.user} @ `
  const schema = defaultSchemaName === undefined ? '' : ` (Default Schema: ${defaultSchemaName})`
  return `${user}${database.url}${schema}`
}

const productLines = (title: string, reference: string, comparison: string): readonly string[] =>
  reference === comparison
    ? [`${title}: EQUAL`]
    : [`${title}:`, `     Reference:   '${reference}'`, `     Target: '${comparison}'`]

/** Kinds that the original does not know are told only when there is something to tell; so are those that the database lacks. */
function isTold(type: ObjectTypeName, { database }: Snapshot, items: readonly DiffItem[]): boolean {
  if (items.some((item) => item.type === type)) return true
  if (type === 'schema') return database.shortName === 'postgresql'
  return objectTypes[type].className !== undefined
}

function section(
  title: string,
  type: ObjectTypeName,
  items: readonly DiffItem[],
  state: DiffItem['state'],
): readonly string[] {
  const found = items.filter((item) => item.type === type && item.state === state)
  const head = `${title} ${objectTypes[type].title}(s):`
  if (found.length === 0) return [`${head} NONE`]
  return [
    `${head} `,
    ...found.flatMap((item) => [
      `     ${item.title}`,
      ...item.differences.map(
        ({ field, reference, comparison }) =>
          `          ${field} changed from '${reference ?? 'null'}' to '${comparison ?? 'null'}'`,
      ),
    ]),
  ]
}
