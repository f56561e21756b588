import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate, parseCondition } from './condition.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { parseTemplate } from './expression.ts'
import { suggest } from './suggest.ts'

describe('expressions', () => {
  test('texts and paths in turn', () => {
    expect(parseTemplate('v<+pipeline.sequenceId>-<+ steps.a["x-y"].output.tag >')).toEqual({
      parts: [
        'v',
        { kind: 'path', raw: '<+pipeline.sequenceId>', path: ['pipeline', 'sequenceId'] },
        '-',
        { kind: 'path', raw: '<+ steps.a["x-y"].output.tag >', path: ['steps', 'a', 'x-y', 'output', 'tag'] },
      ],
    })
  })
  test('a secret is kept as it is', () => {
    expect(parseTemplate('<+secrets.getValue("a>b")>')).toEqual({
      parts: [{ kind: 'secret', raw: '<+secrets.getValue("a>b")>' }],
    })
  })
  test.each([
    ['<+pipeline.name', 'not closed'],
    ['<+>', 'empty'],
    ['<+pipeline.name.toLowerCase()>', 'functions'],
    ['<+pipeline.variables.<+stage.name>>', 'inside'],
    ['<+pipeline..name>', 'not part of a path'],
    ['<+.name>', 'not part of a path'],
    ['<+a b>', 'not part of a path'],
    ['<+a.b == "c">', 'not part of a path'],
  ])('%s is refused', (text, problem) => {
    expect(parseTemplate(text)).toMatchObject({ problem: expect.stringContaining(problem) as string })
  })
  test('never throws, and loses nothing of a text without expressions', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseTemplate(text)
        if (!text.includes('<+')) expect(parsed).toEqual({ parts: text === '' ? [] : [text] })
      }),
    )
  })
})

describe('conditions', () => {
  const values: Readonly<Record<string, unknown>> = { '<+a>': 'x', '<+n>': 1, '<+t>': true, '<+a.b>': 'dotted' }
  const holds = (text: string): boolean | string => {
    const parsed = parseCondition(text)
    return 'problem' in parsed ? parsed.problem : evaluate(parsed.condition, (raw) => values[raw])
  }
  test.each([
    ['<+a> == "x"', true],
    ["<+a> != 'x'", false],
    ['<+n> == "1" && <+t>', true],
    ['<+n> == 2 || !(<+a> == "y")', true],
    ['<+<+a> == "x">', true],
    ['<+a.b == "dotted">', true],
    ['<+missing> == null', true],
    ['<+missing> == ""', false],
    ['<+a>', false],
    ['!<+missing>', true],
    ['<+a> == "x" || <+a> == "y" && <+t> == false', true],
  ])('%s', (text, expected) => {
    expect(holds(text)).toBe(expected)
  })
  test.each(['', '<+a> ==', '<+a> > 3', '(<+a> == "x"', '<+a> "x"', 'constructor == 1', '<+a> == "x" )', '&& <+a>'])(
    '%s is refused',
    (text) => {
      expect(parseCondition(text)).toHaveProperty('problem')
    },
  )
  test('never throws', () => {
    const pieces = fc.constantFrom('<+a>', '==', '!=', '&&', '||', '!', '(', ')', '"x"', '1', 'true', ' ', '<+', '>')
    fc.assert(fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => void parseCondition(parts.join(' '))))
  })
})

describe('durations', () => {
  test.each([
    ['10s', 10],
    ['10m', 600],
    ['1h 30m', 5400],
    ['1d2h', 93_600],
    ['2w', 1_209_600],
    ['1h30s', 3630],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })
  test.each(['5s', '0m', '10', 'm', '1.5h', '1h  30m', '', '10 m', '-1m', '1h'.repeat(40)])('%s is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
  test('in words', () => {
    expect([formatDuration(90), formatDuration(600), formatDuration(93_600), formatDuration(0)]).toEqual([
      '1m 30s',
      '10m',
      '1d 2h',
      '0s',
    ])
  })
})

test('suggest finds the nearest word, and none when nothing is near', () => {
  const known = ['identifier', 'name', 'dbSchema', 'dbInstance']
  expect([suggest('identifer', known), suggest('dbschema', known), suggest('zzzzzzzz', known)]).toEqual([
    'identifier',
    'dbSchema',
    undefined,
  ])
})
