// A generated changelog as XML.
import type {
  Attributes,
  Change,
  ChangelogFile,
  ChangeSet,
  Precondition,
  PreconditionContainer,
} from '../generate/model.ts'

const schema = `xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd"`

export function writeXml(file: ChangelogFile): string {
  const parts = [
    ...file.properties.map((property) => element('property', property)),
    ...(file.preconditions ? [preconditions(file.preconditions)] : []),
    ...file.entries.map((entry) =>
      entry.kind === 'changeSet' ? changeSet(entry.changeSet) : element(entry.kind, entry.attributes),
    ),
  ]
  const head = `<databaseChangeLog ${schema}${written(file.attributes)}>`
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${indent(parts)}\n</databaseChangeLog>\n`
}

function changeSet(one: ChangeSet): string {
  const parts = [
    ...(one.validCheckSums ?? []).map((text) => element('validCheckSum', {}, [escape(text)], false)),
    ...(one.preconditions ? [preconditions(one.preconditions)] : []),
    ...(one.comment === undefined ? [] : [element('comment', {}, [escape(one.comment)], false)]),
    ...one.changes.map(change),
    ...(one.rollback ? [element('rollback', {}, one.rollback.map(change))] : []),
    ...(one.modifications ?? []).map(({ attributes, visitors }) =>
      element(
        'modifySql',
        attributes,
        visitors.map((visitor) => element(visitor.name, visitor.attributes)),
      ),
    ),
  ]
  return element('changeSet', { id: one.id, author: one.author, ...one.attributes }, parts)
}

function change(one: Change): string {
  const { type, attributes, columns, where, parameters, body } = one
  const parts = [
    ...(columns ?? []).map((column) =>
      element('column', column.attributes, column.constraints ? [element('constraints', column.constraints)] : []),
    ),
    ...(where === undefined ? [] : [element('where', {}, [escape(where)], false)]),
    ...(parameters
      ? [
          element(
            'whereParams',
            {},
            parameters.map((each) => element('param', each)),
          ),
        ]
      : []),
  ]
  if (body === undefined) return element(type, attributes, parts)
  return element(type, attributes, [escape(body.text)], false)
}

function preconditions({ attributes, children }: PreconditionContainer): string {
  return element('preConditions', attributes, children.map(precondition))
}

function precondition(one: Precondition): string {
  if (one.body !== undefined) return element(one.name, one.attributes, [escape(one.body.text)], false)
  return element(one.name, one.attributes, (one.children ?? []).map(precondition))
}

function element(name: string, attributes: Attributes, content: readonly string[] = [], block = true): string {
  if (content.length === 0) return `<${name}${written(attributes)}/>`
  const inside = block ? `\n${indent(content)}\n` : content.join('')
  return `<${name}${written(attributes)}>${inside}</${name}>`
}

function written(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(
      ([name, value]) =>
        ` ${name}="${escape(String(value)).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`,
    )
    .join('')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Only before elements: what stands between tags of a text belongs to it. */
function indent(parts: readonly string[]): string {
  return parts.map((part) => `  ${part}`).join('\n')
}
