// What only the text of CREATE TABLE tells in SQLite: names of constraints, checks, collations, generated columns, options.
import { isWord, nameOf, type Token, tokensOf } from './token.ts'

export interface NamedConstraint {
  readonly kind: 'primary' | 'unique' | 'check' | 'foreign'
  readonly name: string | undefined
  /** Lower case; of the own table. */
  readonly columns: readonly string[]
  /** From its key word on, without the name. */
  readonly text: string
}

export interface ColumnText {
  readonly name: string
  readonly collation: string | undefined
  readonly generated: { readonly expression: string; readonly stored: boolean } | undefined
  readonly autoIncrement: boolean
}

export interface TableText {
  readonly columns: readonly ColumnText[]
  readonly constraints: readonly NamedConstraint[]
  /** `WITHOUT ROWID`, `STRICT`. */
  readonly options: readonly string[]
}

const kinds: Readonly<Record<string, NamedConstraint['kind']>> = {
  PRIMARY: 'primary',
  UNIQUE: 'unique',
  CHECK: 'check',
  FOREIGN: 'foreign',
  REFERENCES: 'foreign',
}
/** Words that end the type of a column, or a clause behind it. */
export const clauses = 'CONSTRAINT PRIMARY UNIQUE CHECK REFERENCES NOT NULL DEFAULT COLLATE GENERATED AS'.split(' ')

/** `sql` is the statement as the schema table keeps it. Anything else than a plain CREATE TABLE gives nothing. */
export function readTableText(sql: string): TableText {
  const tokens = tokensOf(sql)
  const bodyAt = tokens.findIndex((token) => token.kind === 'group')
  const body = tokens[bodyAt]
  const isSelect = tokens.slice(0, bodyAt).some((token) => isWord(token, 'AS', 'VIRTUAL'))
  if (body === undefined || isSelect) return { columns: [], constraints: [], options: [] }
  const inside = body.text.slice(1, -1)
  const columns: ColumnText[] = []
  const constraints: NamedConstraint[] = []
  for (const item of itemsOf(tokensOf(inside))) {
    if (isWord(item[0], 'CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN')) {
      constraints.push(...constraintsOf(item, inside, []))
    } else {
      const name = nameOf(item[0])
      columns.push(columnOf(name, item))
      constraints.push(...constraintsOf(item.slice(1), inside, [name.toLowerCase()]))
    }
  }
  const options = sql
    .slice(body.end)
    .split(',')
    .map((option) => option.trim().toUpperCase().replaceAll(/\s+/g, ' '))
  return { columns, constraints, options: options.filter((option) => option !== '') }
}

export function itemsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const items: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === ',') items.push([])
    else items.at(-1)?.push(token)
  }
  return items.filter((item) => item.length > 0)
}

function columnOf(name: string, item: readonly Token[]): ColumnText {
  const collate = item.findIndex((token) => isWord(token, 'COLLATE'))
  const as = item.findIndex((token, place) => isWord(token, 'AS') && item[place + 1]?.kind === 'group')
  const expression = item[as + 1]?.text
  return {
    name,
    collation: collate < 0 ? undefined : nameOf(item[collate + 1]),
    generated:
      as < 0 || expression === undefined
        ? undefined
        : { expression: expression.slice(1, -1).trim(), stored: isWord(item[as + 2], 'STORED') },
    autoIncrement: item.some((token) => isWord(token, 'AUTOINCREMENT')),
  }
}

/** `columns` of a constraint that stands behind its column; of others they are in a parenthesis. */
function constraintsOf(item: readonly Token[], source: string, columns: readonly string[]): readonly NamedConstraint[] {
  const found: NamedConstraint[] = []
  let name: string | undefined
  for (let place = 0; place < item.length; place += 1) {
    const token = item[place]
    if (isWord(token, 'CONSTRAINT')) {
      name = nameOf(item[place + 1])
      place += 1
      continue
    }
    const kind = token?.kind === 'word' ? kinds[token.text.toUpperCase()] : undefined
    if (token === undefined || kind === undefined) {
      if (isWord(token, ...clauses)) name = undefined
      continue
    }
    const end = endOf(item, place, columns.length === 0)
    const inside = columns.length > 0 ? columns : columnsIn(item, place)
    found.push({ kind, name, columns: inside, text: source.slice(token.start, item[end - 1]?.end).trim() })
    name = undefined
    place = end - 1
  }
  return found
}

/** Where the constraint ends that begins at `start`: before the next clause of the column, or with the item. */
function endOf(item: readonly Token[], start: number, ofTable: boolean): number {
  if (ofTable) return item.length
  for (let place = start + 1; place < item.length; place += 1) {
    const token = item[place]
    // `ON DELETE SET NULL`, `SET DEFAULT` and `NOT DEFERRABLE` are words of the reference itself.
    const ofReference =
      isWord(item[place - 1], 'SET') || (isWord(token, 'NOT') && isWord(item[place + 1], 'DEFERRABLE'))
    if (isWord(token, ...clauses) && !ofReference) return place
  }
  return item.length
}

function columnsIn(item: readonly Token[], start: number): readonly string[] {
  const group = item.slice(start).find((token) => token.kind === 'group')
  if (group === undefined) return []
  return itemsOf(tokensOf(group.text.slice(1, -1))).map((part) => nameOf(part[0]).toLowerCase())
}
