// A generated changelog as formatted SQL.
import type { ChangelogFile, ChangeSet } from '../generate/model.ts'

export function writeSql(file: ChangelogFile): string {
  const head = Object.entries(file.attributes).map(([name, value]) => ` ${name}:${value}`)
  const parts = file.entries.map((entry) => (entry.kind === 'changeSet' ? changeSet(entry.changeSet) : ''))
  return `--liquibase formatted sql${head.join('')}\n\n${parts.join('\n\n')}\n`
}

function changeSet(one: ChangeSet): string {
  const attributes = Object.entries(one.attributes).map(([name, value]) => ` ${name}:${quoted(String(value))}`)
  const container = one.preconditions
  const lines = [
    `--changeset ${quoted(one.author)}:${quoted(one.id)}${attributes.join('')}`,
    ...(one.validCheckSums ?? []).map((text) => `--validCheckSum: ${text}`),
    ...(container
      ? [
          `--preconditions${Object.entries(container.attributes)
            .map(([name, value]) => ` ${name}:${value}`)
            .join('')}`,
          ...container.children.map(
            ({ attributes, body }) =>
              `--precondition-sql-check expectedResult:${attributes['expectedResult']} ${body?.text}`,
          ),
        ]
      : []),
    ...(one.comment === undefined ? [] : [`--comment: ${one.comment}`]),
    one.script?.sql ?? '',
    ...(one.script?.rollback ?? []).map((text) => `--rollback ${text}`),
  ]
  return lines.join('\n')
}

function quoted(text: string): string {
  return /[\s:]/.test(text) ? `"${text}"` : text
}
