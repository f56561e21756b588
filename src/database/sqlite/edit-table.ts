// Edits of a CREATE TABLE of SQLite, which keeps everything else as its author wrote it: comments, checks, collations, odd types.
import { Fault } from '#contract/fault'
import { clauses, itemsOf } from './table-text.ts'
import { isWord, nameOf, type Token, tokensOf } from './token.ts'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The parenthesis of the statement: its text, where that begins, and its columns and constraints. */
interface Body {
  readonly text: string
  readonly start: number
  readonly items: readonly (readonly Token[])[]
}

/** The column gets this default instead of the one that it has. Fault `changelog-invalid` when there is no such column. */
export function withDefault(sql: string, column: string, value: string): string {
  const body = bodyOf(sql)
  const item = columnIn(body, column)
  // `ON DELETE SET DEFAULT` has none.
  const at = item.findIndex((token, place) => isWord(token, 'DEFAULT') && !isWord(item[place - 1], 'SET'))
  const edit =
    at < 0
      ? { start: typeEnd(item), end: typeEnd(item), text: ` DEFAULT ${value}` }
      : { start: item[at + 1]?.start ?? 0, end: item[valueEnd(item, at + 1)]?.end ?? 0, text: value }
  return edited(sql, body, [edit])
}

/** Fault `changelog-invalid` when there is none. */
export function withoutPrimaryKey(sql: string): string {
  const body = bodyOf(sql)
  const key = keyOf(body)
  if (key === undefined) throw new Fault('changelog-invalid', 'the table has no primary key')
  return edited(sql, body, [key.removal])
}

/**
 * The column counts by itself and carries the key, under the name that the key has. `fallback` names a key that has no name. Fault
 * `changelog-invalid` when another column is in the key.
 */
export function withAutoIncrement(sql: string, column: string, fallback: string): string {
  const body = bodyOf(sql)
  const item = columnIn(body, column)
  const key = keyOf(body)
  if (key?.columns.some((name) => name.toLowerCase() !== column.toLowerCase())) {
    throw new Fault(
      'changelog-invalid',
      `the primary key is ${key.columns.join(', ')}, and SQLite counts only in a key`,
      {
        hint: `Make ${column} alone the primary key of a new table, and copy the rows.`,
      },
    )
  }
  const start = item[0]?.end ?? 0
  const type = {
    start,
    end: typeEnd(item),
    text: ` INTEGER CONSTRAINT ${key?.name ?? fallback} PRIMARY KEY AUTOINCREMENT`,
  }
  // Where both begin at the same place, what goes must go first.
  return edited(sql, body, key === undefined ? [type] : [key.removal, type])
}

/** Whether a column has AUTOINCREMENT. */
export function countsByItself(sql: string): boolean {
  const isCounting = (item: readonly Token[]) =>
    item.some((token, place) => place > 0 && isWord(token, 'AUTOINCREMENT'))
  return bodyOf(sql).items.some((item) => !isConstraint(item) && isCounting(item))
}

function bodyOf(sql: string): Body {
  const group = tokensOf(sql).find((token) => token.kind === 'group')
  if (group === undefined) throw new Fault('changelog-invalid', 'the table has no list of columns')
  const text = group.text.slice(1, -1)
  return { text, start: group.start + 1, items: itemsOf(tokensOf(text)) }
}

const isConstraint = (item: readonly Token[]): boolean =>
  isWord(item[0], 'CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN')

function columnIn({ items }: Body, column: string): readonly Token[] {
  const found = items.find((item) => !isConstraint(item) && nameOf(item[0]).toLowerCase() === column.toLowerCase())
  if (found === undefined) throw new Fault('changelog-invalid', `the table has no column ${column}`)
  return found
}

/** Behind the type, which may be missing or several words. */
function typeEnd(item: readonly Token[]): number {
  const clause = item.findIndex((token, place) => place > 0 && isWord(token, ...clauses))
  return item[(clause < 0 ? item.length : clause) - 1]?.end ?? 0
}

/** The last token of the value that begins there: `-1`, `1.5e+3` are several. */
function valueEnd(item: readonly Token[], start: number): number {
  const isSign = (token: Token | undefined): boolean => token?.text === '-' || token?.text === '+'
  const number = isSign(item[start]) ? start + 1 : start
  return /^[\d.]+e$/i.test(item[number]?.text ?? '') && isSign(item[number + 1]) ? number + 2 : number
}

interface Key {
  /** As written, with its quotes. */
  readonly name: string | undefined
  readonly columns: readonly string[]
  readonly removal: Edit
}

function keyOf(body: Body): Key | undefined {
  for (const [index, item] of body.items.entries()) {
    const at = item.findIndex((token, place) => isWord(token, 'PRIMARY') && isWord(item[place + 1], 'KEY'))
    if (at < 0) continue
    const named = isWord(item[at - 2], 'CONSTRAINT')
    const name = named ? item[at - 1]?.text : undefined
    if (!isConstraint(item)) {
      const start = item[named ? at - 3 : at - 1]?.end ?? 0
      return { name, columns: [nameOf(item[0])], removal: { start, end: item[keyEnd(item, at)]?.end ?? 0, text: '' } }
    }
    const start = body.items[index - 1]?.at(-1)?.end ?? 0
    const group = item.find((token) => token.kind === 'group')
    const columns = itemsOf(tokensOf(group?.text.slice(1, -1) ?? '')).map((part) => nameOf(part[0]))
    return { name, columns, removal: { start, end: item.at(-1)?.end ?? start, text: '' } }
  }
  return undefined
}

/** `PRIMARY KEY [ASC | DESC] [ON CONFLICT word] [AUTOINCREMENT]` behind a column. */
function keyEnd(item: readonly Token[], start: number): number {
  let end = start + 1
  if (isWord(item[end + 1], 'ASC', 'DESC')) end += 1
  if (isWord(item[end + 1], 'ON') && isWord(item[end + 2], 'CONFLICT')) end += 3
  if (isWord(item[end + 1], 'AUTOINCREMENT')) end += 1
  return end
}

function edited(sql: string, body: Body, edits: readonly Edit[]): string {
  let text = sql
  for (const { start, end, text: put } of edits.toSorted((one, other) => other.start - one.start)) {
    text = text.slice(0, body.start + start) + put + text.slice(body.start + end)
  }
  return text
}
