// The same changelog in XML, YAML and JSON.
import { changes, type Part } from './contract.ts'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;')

function xml(part: Part, margin = ''): string {
  const { name, attributes = {}, text, parts = [] } = part
  const written = Object.entries(attributes).map(([key, value]) => `\n${margin}  ${key}="${escaped(value)}"`)
  return `${margin}<${name}${written.join('')}>${text ? escaped(text[1]) : ''}${parts
    .map((one) => `\n${xml(one, `${margin}  `)}`)
    .join('')}</${name}>`
}

type Tree = string | readonly Tree[] | { readonly [key: string]: Tree }

function tree({ attributes = {}, text, parts = [], list }: Part): Tree {
  if (text?.[0] === '') return text[1]
  const columns = parts.filter(({ name }) => name === 'column')
  const others = parts.filter(({ name }) => name !== 'column')
  const listed = (items: readonly Part[]): Tree => items.map((one) => ({ [one.name]: tree(one) }))
  return {
    ...attributes,
    ...(text ? { [text[0]]: text[1] } : {}),
    ...(columns.length > 0 ? { columns: listed(columns) } : {}),
    ...(list === undefined
      ? Object.fromEntries(
          others.map((one) => [one.name, one.name === 'whereParams' ? listed(one.parts ?? []) : tree(one)]),
        )
      : { [list]: listed(others) }),
  }
}

function yaml(value: Tree, margin = ''): string {
  if (typeof value === 'string') return ` ${JSON.stringify(value)}`
  const entries = Object.entries(value)
  if (entries.length === 0) return Array.isArray(value) ? ' []' : ' {}'
  const isList = Array.isArray(value)
  return entries.map(([key, one]) => `\n${margin}${isList ? '-' : `${key}:`}${yaml(one, `${margin}  `)}`).join('')
}

const root = 'xmlns="http://www.liquibase.org/xml/ns/dbchangelog"'
type Attributes = Readonly<Record<string, string>>
type Write = (entries: readonly Part[], own?: Attributes) => string
const tops = (list: readonly Part[], own: Attributes): readonly Tree[] => [
  ...Object.entries(own).map(([key, value]) => ({ [key]: value })),
  ...list.map(topTree),
]

/** `own` are the attributes of the changelog itself. */
export const formats: Readonly<Record<'xml' | 'yaml' | 'json', Write>> = {
  xml: (list, own = {}) => {
    const written = Object.entries(own).map(([key, value]) => `\n ${key}="${escaped(value)}"`)
    return `<databaseChangeLog ${root}${written.join('')}>\n${list.map((one) => xml(one)).join('\n')}\n</databaseChangeLog>`
  },
  yaml: (list, own = {}) => `databaseChangeLog:${yaml(tops(list, own))}\n`,
  json: (list, own = {}) => JSON.stringify({ databaseChangeLog: tops(list, own) }, undefined, 1),
}

const topTree = (one: Part): Tree => ({ [one.name]: one.name === 'changeSet' ? setTree(one) : tree(one) })

/** Of a change set: changes, comment, preconditions and so on. */
function setTree({ attributes = {}, parts = [] }: Part): Tree {
  const inside: Record<string, Tree> = {}
  const list: Tree[] = []
  for (const part of parts) {
    if (part.name in changes) list.push({ [part.name]: tree(part) })
    else if (part.name === 'preConditions' || part.name === 'rollback' || part.name === 'modifySql')
      inside[part.name] = logic(part)
    else inside[part.name] = tree(part)
  }
  return { ...attributes, ...inside, changes: list }
}

/** Lists that mix options and parts. */
function logic({ attributes = {}, parts = [] }: Part): Tree {
  const options = Object.entries(attributes).map(([key, value]) => ({ [key]: value }))
  return [
    ...options,
    ...parts.map((one) => ({ [one.name]: ['and', 'or', 'not'].includes(one.name) ? logic(one) : tree(one) })),
  ]
}
