// Identifiers, names and variables of pipeline, stages, groups and steps, and that no two siblings share an identifier.
import type { Node } from 'yaml'
import type { Variable } from '../document.ts'
import { type Fields, readChoice, readFields, readItems, readText } from './field.ts'
import type { Report } from './report.ts'

const identifierPattern = /^[a-zA-Z_][0-9a-zA-Z_]{0,127}$/
const namePattern = /^[a-zA-Z_0-9-.][-0-9a-zA-Z_\s.]{0,127}$/
const variablePattern = /^[a-zA-Z_][0-9a-zA-Z_.$-]{0,127}$/

export function readIdentifier(report: Report, fields: Fields, name = 'identifier', optional?: true): string {
  const text = readText(report, fields, name, optional ? {} : { required: true })
  const node = fields.values.get(name)
  if (text !== undefined && node && !identifierPattern.test(text))
    report.error(
      node,
      'bad-identifier',
      `\`${text.slice(0, 128)}\` is not an identifier.`,
      'Start with a letter or _, then letters, digits or _; at most 128 characters.',
    )
  return text ?? ''
}

export function readName(report: Report, fields: Fields): string {
  const text = readText(report, fields, 'name', { required: true })
  const node = fields.values.get('name')
  if (text !== undefined && node && !namePattern.test(text))
    report.error(
      node,
      'bad-name',
      `\`${text.slice(0, 128)}\` is not a name.`,
      'Use letters, digits, spaces, `.`, `_` and `-`, beginning with none of the spaces; at most 128 characters.',
    )
  return text ?? ''
}

/** Identifiers that are taken below one parent, with what took each. */
export type Taken = Map<string, string>

/** Steps and rollbackSteps of a parent share one space of names, so that a path names one node. */
export function claimIdentifier(report: Report, fields: Fields, identifier: string, taken: Taken): void {
  const holder = taken.get(identifier)
  const node: Node = fields.values.get('identifier') ?? fields.node
  if (identifier === '') return
  if (holder === undefined) taken.set(identifier, fields.what)
  else
    report.error(
      node,
      'duplicate-identifier',
      `The identifier \`${identifier}\` is already used by ${holder} at the same place.`,
      'Choose another identifier.',
    )
}

export function readVariables(report: Report, fields: Fields, owner: string): readonly Variable[] {
  const variables: Variable[] = []
  const taken = new Set<string>()
  for (const item of readItems(report, fields, 'variables')) {
    const inner = readFields(report, item, {
      what: `a variable of ${fields.what}`,
      known: ['name', 'type', 'value', 'default', 'description', 'required'],
    })
    if (!inner) continue
    const name = readText(report, inner, 'name', { required: true }) ?? ''
    const type = readChoice(report, inner, 'type', ['String', 'Number', 'Secret']) ?? 'String'
    const value = readText(report, inner, 'value', { most: 65_536 }) ?? readText(report, inner, 'default') ?? ''
    const at = inner.values.get('value') ?? inner.node
    if (name !== '' && !variablePattern.test(name))
      report.error(inner.values.get('name') ?? inner.node, 'bad-identifier', `\`${name.slice(0, 128)}\` is not a name.`)
    if (taken.has(name)) report.error(inner.node, 'duplicate-identifier', `Two variables are called \`${name}\`.`)
    if (type === 'Number' && !value.includes('<+') && Number.isNaN(Number(value || 'NaN')))
      report.error(at, 'wrong-value', `The variable \`${name}\` is declared as a number.`)
    taken.add(name)
    report.texts.push({ text: value, at, owner, kind: 'variable' })
    variables.push({ name, type, value })
  }
  return variables
}
