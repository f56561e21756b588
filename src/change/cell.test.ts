import { describe, expect, test } from 'vitest'
import { cellTypeOf, untypedCellReader } from './cell.ts'

describe('the kind of cell that a column of a table takes', () => {
  test.each([
    ['int', 'NUMERIC'],
    ['bigint(20) unsigned', 'NUMERIC'],
    ['numeric(10,2)', 'NUMERIC'],
    ['interval', 'STRING'],
    ['double precision', 'FLOATING'],
    ['character varying(50)', 'STRING'],
    ['java.sql.Types.VARCHAR(20)', 'STRING'],
    ['text', 'TEXT'],
    ['date', 'DATE'],
    ['timestamp without time zone', 'DATETIME'],
    ['time without time zone', 'TIME'],
    ['boolean', 'BOOLEAN'],
    ['tinyint(1)', 'BOOLEAN'],
    ['tinyint(4)', 'NUMERIC'],
    ['integer[]', 'STRING'],
    ['bytea', 'STRING'],
  ])('%s: %s', (type, kind) => expect(cellTypeOf(type)).toBe(kind))
})

describe('a cell whose type only the database tells', () => {
  const value = (cell: string, type: string) => untypedCellReader(type, undefined)(cell)

  test('is what the column takes', () => {
    expect(value('1', 'int')).toEqual({ kind: 'computed', expression: '1' })
    expect(value('2020-01-02T03:04:05.120', 'timestamp')).toEqual({ kind: 'date', text: '2020-01-02T03:04:05.12' })
    expect(value('0', 'boolean')).toEqual({ kind: 'boolean', value: false })
    expect(value('4.5', 'real')).toEqual({ kind: 'text', text: '4.5' })
  })

  test('when empty stays a text only in a column of texts with a length', () => {
    expect(value('', 'varchar(5)')).toEqual({ kind: 'text', text: '' })
    for (const type of ['int', 'text', 'date', 'real', 'uuid']) expect(value('', type)).toEqual({ kind: 'null' })
    expect(value('NuLl', 'varchar(5)')).toEqual({ kind: 'null' })
  })

  test('is left to the database when it does not fit', () => {
    expect(value('today-ish', 'date')).toEqual({ kind: 'text', text: 'today-ish' })
    expect(value('many', 'int')).toEqual({ kind: 'text', text: 'many' })
  })
})
