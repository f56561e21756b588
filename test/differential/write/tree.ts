// A generated changelog as the tree that YAML and JSON share.
import type { Change, ChangelogFile, ChangeSet, Precondition, PreconditionContainer } from '../generate/model.ts'

export type Tree = string | number | boolean | readonly Tree[] | { readonly [key: string]: Tree }

export function treeOf(file: ChangelogFile): Tree {
  return {
    databaseChangeLog: [
      ...Object.entries(file.attributes).map(([name, value]) => ({ [name]: value })),
      ...file.properties.map((property) => ({ property })),
      ...(file.preconditions ? [{ preConditions: container(file.preconditions) }] : []),
      ...file.entries.map((entry) =>
        entry.kind === 'changeSet' ? { changeSet: changeSet(entry.changeSet) } : { [entry.kind]: entry.attributes },
      ),
    ],
  }
}

function changeSet(one: ChangeSet): Tree {
  return {
    id: one.id,
    author: one.author,
    ...one.attributes,
    ...(one.comment === undefined ? {} : { comment: one.comment }),
    ...(one.validCheckSums === undefined ? {} : { validCheckSum: one.validCheckSums }),
    ...(one.preconditions ? { preConditions: container(one.preconditions) } : {}),
    changes: one.changes.map(change),
    ...(one.rollback ? { rollback: one.rollback.length === 0 ? [{ empty: {} }] : one.rollback.map(change) } : {}),
    ...(one.modifications
      ? {
          modifySql: one.modifications.map(({ attributes, visitors }) => ({
            ...attributes,
            ...Object.fromEntries(visitors.map((visitor) => [visitor.name, visitor.attributes])),
          }))[0] as Tree,
        }
      : {}),
  }
}

function change({ type, attributes, columns, where, parameters, body }: Change): Tree {
  return {
    [type]: {
      ...attributes,
      ...(body ? { [body.key]: body.text } : {}),
      ...(columns
        ? {
            columns: columns.map((column) => ({
              column: { ...column.attributes, ...(column.constraints ? { constraints: column.constraints } : {}) },
            })),
          }
        : {}),
      ...(where === undefined ? {} : { where }),
      ...(parameters ? { whereParams: parameters.map((param) => ({ param })) } : {}),
    },
  }
}

function container({ attributes, children }: PreconditionContainer): Tree {
  return [...Object.entries(attributes).map(([name, value]) => ({ [name]: value })), ...children.map(precondition)]
}

function precondition({ name, attributes, body, children }: Precondition): Tree {
  if (children) return { [name]: children.map(precondition) }
  return { [name]: { ...attributes, ...(body ? { [body.key]: body.text } : {}) } }
}
