// A changelog as XML, in the form that Liquibase writes.
import { type Attributes, type Change, type ChangeSetToWrite, type ColumnOfChange, escaped, written } from './change.ts'

const head = `<?xml version="1.1" encoding="UTF-8" standalone="no"?>
<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" xmlns:ext="http://www.liquibase.org/xml/ns/dbchangelog-ext" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" `
const location = `xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog-ext http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-ext.xsd http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd"`

export function writeXml(changeSets: readonly ChangeSetToWrite[], attributes: Attributes): string {
  const lines = changeSets.flatMap(xmlLines)
  return `${head}${attributeList(attributes).trimStart()}${attributeList(attributes) === '' ? '' : ' '}${location}>\n${lines.join('\n')}\n</databaseChangeLog>\n`
}

/** Puts change sets before the end of a changelog that is there. Undefined when it has no end. */
export function appendXml(existing: string, changeSets: readonly ChangeSetToWrite[]): string | undefined {
  const end = existing.lastIndexOf('</databaseChangeLog>')
  if (end >= 0)
    return `${existing.slice(0, end).trimEnd()}\n${changeSets.flatMap(xmlLines).join('\n')}\n${existing.slice(end)}`
  const empty = /<databaseChangeLog\b([^>]*)\/>\s*$/.exec(existing)
  if (!empty) return undefined
  const start = `${existing.slice(0, empty.index)}<databaseChangeLog${(empty[1] ?? '').trimEnd()}>`
  return `${start}\n${changeSets.flatMap(xmlLines).join('\n')}\n</databaseChangeLog>\n`
}

function xmlLines({ id, author, attributes, changes }: ChangeSetToWrite): readonly string[] {
  const own = { id, author, ...attributes }
  return [`    <changeSet${attributeList(own)}>`, ...changes.flatMap(changeLines), '    </changeSet>']
}

function changeLines({ name, attributes, columns, text }: Change): readonly string[] {
  const start = `        <${name}${attributeList(attributes)}`
  if (text) return [`${start}>${textOf(escaped(text.value))}</${name}>`]
  if (columns === undefined || columns.length === 0) return [`${start}/>`]
  return [`${start}>`, ...columns.flatMap(columnLines), `        </${name}>`]
}

function columnLines({ attributes, constraints }: ColumnOfChange): readonly string[] {
  const start = `            <column${attributeList(attributes)}`
  if (constraints === undefined) return [`${start}/>`]
  return [`${start}>`, `                <constraints${attributeList(constraints)}/>`, '            </column>']
}

const attributeList = (attributes: Attributes): string =>
  written(attributes)
    .map(([name, value]) => ` ${name}="${attributeText(value)}"`)
    .join('')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

const attributeText = (text: string): string =>
  controls(text.replaceAll(/[&<>"\n\r\t]/g, (found) => entities[found] ?? ''))

const textOf = (text: string): string => controls(text.replaceAll(/[&<>\r]/g, (found) => entities[found] ?? ''))

/** XML 1.1 allows them as references, but for zero. */
const controls = (text: string): string =>
  text.replaceAll(/(?![\t\n\r\u0085])\p{Cc}/gu, (found) => `&#${found.codePointAt(0)};`)
