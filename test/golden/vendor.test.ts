// SQL of every change type with all its attributes for SQL Server and Oracle, against what Liquibase 4.33.0 printed for the same
// changes (own changes, recorded offline; Oracle as version 19). What differs on purpose stands with
// its reason in vendor-difference.json; docs/decisions/0007 says more.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseChange } from '#change/registry'
import { dialectFor } from '#database/dialect'
import { hasErrors } from '#contract/diagnostic'
import { contextOf, nodeOf } from '../database/change-set.ts'

interface RecordedChange {
  readonly change: string
  readonly invalid: readonly string[]
  readonly forward: readonly (readonly [sql: string, endDelimiter: string])[]
  /** Null: it has no automatic rollback. */
  readonly back: readonly string[] | null
}
/** What is written instead. */
interface Difference {
  readonly reason: string
  readonly forward: RecordedChange['forward']
  readonly back: RecordedChange['back']
}
type Written = Readonly<Record<string, unknown>>

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
const changes = read('vendor-changes.json') as Readonly<Record<string, readonly Written[]>>
const recorded = read('vendor-recorded.json') as Readonly<
  Record<string, Readonly<Record<string, readonly RecordedChange[]>>>
>
const differences = read('vendor-difference.json') as Readonly<Record<string, Difference>>
const files = {
  'd.csv': 'a,b,c,d\n1,x,true,2020-01-02\n2,NULL,false,2020-01-02T03:04:05\n',
  'p.sql': 'create or replace procedure p as begin null; end;\n/\n',
}

interface Result {
  readonly refused: boolean
  readonly forward: readonly (readonly [string, string])[]
  readonly back: readonly string[] | null
}

async function lower(dbms: string, name: string, value: unknown): Promise<Result> {
  const dialect = dialectFor(dbms, { productVersion: '19' })
  const { change, diagnostics } = parseChange(nodeOf(name, value), dbms)
  if (!change || hasErrors(diagnostics)) return { refused: true, forward: [], back: null }
  const texts = async (one: NonNullable<typeof change>) => {
    const statements = await one.type.statements(one.attributes, contextOf(dbms, files), one.span)
    return statements.flatMap((statement) => dialect.write(statement, 'LEGACY'))
  }
  const plain = (sql: string): string => sql.replaceAll('\r', '')
  const forward = (await texts(change)).map(({ sql, endDelimiter }) => [plain(sql), endDelimiter] as const)
  const inverse = change.type.inverse(change.attributes, dbms, change.span)
  if (typeof inverse === 'string') return { refused: false, forward, back: null }
  const undoing = inverse.map((node) => parseChange(node, dbms).change)
  const back = await Promise.all(undoing.map(async (one) => (one ? await texts(one) : [])))
  return { refused: false, forward, back: back.flat().map(({ sql }) => plain(sql)) }
}

async function resultOf(dbms: string, name: string, value: unknown): Promise<Result> {
  try {
    return await lower(dbms, name, value)
  } catch {
    return { refused: true, forward: [], back: null }
  }
}

function expectedOf({ invalid, forward, back }: RecordedChange, difference: Difference | undefined): Result {
  if (difference) return { refused: false, forward: difference.forward, back: difference.back }
  return invalid.length > 0 ? { refused: true, forward: [], back: null } : { refused: false, forward, back }
}

describe.each(Object.keys(recorded))('%s', (dbms) => {
  const used = new Set<string>()
  test.each(Object.keys(changes))('%s', async (id) => {
    const wanted: (readonly [string, Result])[] = []
    const found: (readonly [string, Result])[] = []
    for (const [index, change] of (changes[id] ?? []).entries()) {
      const [name, value] = Object.entries(change)[0] ?? ['', undefined]
      const one = recorded[dbms]?.[id]?.[index]
      if (one === undefined) throw new Error(`nothing is recorded for ${id} ${index}`)
      expect(one.change).toBe(name)
      const key = `${dbms} ${id} ${index}`
      const difference = differences[key]
      if (difference) used.add(key)
      wanted.push([`${key} ${name}`, expectedOf(one, difference)])
      found.push([`${key} ${name}`, await resultOf(dbms, name, value)])
    }
    expect(found).toEqual(wanted)
  })

  test('every difference that is told exists', () => {
    const told = Object.keys(differences).filter((key) => key.startsWith(`${dbms} `))
    expect(told.filter((key) => !used.has(key))).toEqual([])
  })
})
