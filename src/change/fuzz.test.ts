// Whatever somebody writes as SQL is split into statements that stand in the text where they are said to stand, and soon.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitSql, type SplitOptions } from './split.ts'

const runs = process.env['SLUICE_LONG'] ? 20_000 : 500
const parameters = { seed: 20_260_101, numRuns: runs } as const

const pieces = [
  'select 1',
  ';',
  ';\n',
  '\ngo\n',
  'GO',
  '\n/\n',
  '/',
  '--',
  '-- c;\n',
  '/*',
  '*/',
  '/* ; */',
  "'",
  "''",
  '"',
  '`',
  '[',
  ']',
  '\\',
  "\\'",
  ' begin ',
  ' end',
  'end if;',
  ' case ',
  'begin transaction;',
  '$$',
  '$body$',
  "q'[",
  "]'",
  "E'",
  "N'",
  '_utf8',
  '\n',
  '\r\n',
  ' ',
  '\t',
  '\u00a0',
  '\u2028',
  '\ufeff',
  'é',
  '😀',
  '1.5',
  'a.b',
  'a . "b"',
  '@',
  '~~',
  '|',
  'delimiter //\n',
  '(',
  ')',
  '\0',
]
const text = fc
  .array(fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: fc.string() }), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''))
const options: fc.Arbitrary<SplitOptions> = fc.record({
  splitStatements: fc.boolean(),
  stripComments: fc.boolean(),
  endDelimiter: fc.constantFrom(
    undefined,
    ';',
    '/',
    '//',
    '~~',
    '@',
    String.raw`\nGO`,
    String.raw`\n/$`,
    '((',
    '[',
    '*',
    '$$',
    '',
  ),
})

describe('splitting', { timeout: 300_000 }, () => {
  test('each statement begins where it is said to, in order, and is not empty', () => {
    fc.assert(
      fc.property(text, options, (sql, how) => {
        const lines = sql.replaceAll('\r', '').split('\n')
        let before = { line: 1, column: 0 }
        for (const statement of splitSql(sql, how)) {
          expect(statement.sql).not.toBe('')
          const line = lines[statement.line - 1] ?? ''
          const first = String.fromCodePoint(statement.sql.codePointAt(0) ?? 0)
          expect(line.slice(statement.column - 1).startsWith(first)).toBe(true)
          const isLater =
            statement.line > before.line || (statement.line === before.line && statement.column > before.column)
          expect(isLater).toBe(true)
          before = statement
        }
      }),
      parameters,
    )
  })

  test('nothing is added, and unless comments are stripped or a delimiter taken nothing is lost', () => {
    fc.assert(
      fc.property(text, options, (sql, how) => {
        const source = sql.replaceAll('\r', '')
        const statements = splitSql(sql, how)
        if (!how.splitStatements) expect(statements.length).toBeLessThanOrEqual(1)
        if (how.stripComments) return
        let at = 0
        for (const statement of statements) {
          at = source.indexOf(statement.sql, at)
          expect(at).toBeGreaterThanOrEqual(0)
          at += statement.sql.length
        }
        // Spaces and control characters at both ends go, as with Java's trim.
        const whole = source.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '')
        if (!how.splitStatements && whole !== '') expect(statements[0]?.sql).toBe(whole)
      }),
      parameters,
    )
  })

  test('long texts take time in proportion to their length', () => {
    const started = performance.now()
    for (const piece of ['begin ', "'", '/*', '--', '[', '[\n', '[a-', '"a', '$$;', '\n/', ';', ' ']) {
      splitSql(piece.repeat(40_000), { splitStatements: true, stripComments: true, endDelimiter: undefined })
    }
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
