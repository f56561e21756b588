import { describe, expect, test } from 'vitest'
import { parseLine, parsePieces } from './log-line.ts'

describe('a log line', () => {
  test('gives up its time and level', () => {
    expect(parseLine('2026-11-21T09:31:22.123Z INFO  Running change set 001::ann')).toEqual({
      time: '09:31:22.123',
      level: 'info',
      pieces: [{ text: 'Running change set 001::ann', marks: [] }],
    })
    expect(parseLine('[2026-11-21 09:31:22] SEVERE: disk full')).toMatchObject({ time: '09:31:22', level: 'error' })
    expect(parseLine('WARN nothing to do').level).toBe('warning')
  })

  test('keeps its indentation', () => {
    expect(parseLine('2026-11-21T09:31:22.123Z     id bigint,').pieces).toEqual([{ text: '    id bigint,', marks: [] }])
    expect(parseLine('2026-11-21T09:31:22.123Z ')).toMatchObject({ time: '09:31:22.123', pieces: [] })
  })

  test('without either is taken as it is', () => {
    expect(parseLine('CREATE TABLE information (id int)')).toEqual({
      time: undefined,
      level: undefined,
      pieces: [{ text: 'CREATE TABLE information (id int)', marks: [] }],
    })
    expect(parseLine('INFORMATION about it').level).toBeUndefined()
    expect(parseLine('').pieces).toEqual([])
  })

  test('keeps ANSI colours as marks and drops other sequences', () => {
    expect(parsePieces('a \u001b[1;31mred\u001b[39m bold\u001b[0m\u001b[2K end')).toEqual([
      { text: 'a ', marks: [] },
      { text: 'red', marks: ['bold', 'red'] },
      { text: ' bold', marks: ['bold'] },
      { text: ' end', marks: [] },
    ])
  })

  test('shows what was written last over a carriage return', () => {
    expect(parsePieces('10%\r50%\r100%\r')).toEqual([{ text: '100%', marks: [] }])
  })
})
