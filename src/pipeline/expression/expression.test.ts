import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../duration.ts'
import { nearest } from '#contract/spelling'
import { evaluate, type Scope } from './evaluate.ts'
import { parseCondition, parseTemplate } from './template.ts'
import { isTrue } from './value.ts'

const values: Readonly<Record<string, unknown>> = {
  a: 'x',
  n: 1,
  big: 12,
  t: true,
  'a.b': 'dotted',
  'steps.a.x-y.tag': 'v1',
  'm.my-name': 'kebab',
  list: ['one', 'two'],
  json: '{"a":{"b":[1,{"c":"deep"}]}}',
}
const scope = (missing: 'null' | 'error'): Scope => ({
  missing,
  read: (path, raw) => {
    const value = values[path.join('.')]
    return value === undefined ? { unresolved: raw, because: 'missing' } : { value }
  },
})
/** The value of a text with expressions, or what is wrong. */
function show(text: string): unknown {
  const template = parseTemplate(text)
  if ('problem' in template) return `${template.at}: ${template.problem}`
  return template.parts.map((part) => {
    if (typeof part === 'string') return part
    const found = evaluate(part.syntax, part.raw, scope('error'))
    return 'value' in found ? found.value : `${found.unresolved} ${found.because}`
  })
}

describe('expressions', () => {
  test('texts and expressions in turn', () => {
    expect(show('v<+n>-<+ steps.a["x-y"].tag >')).toEqual(['v', 1, '-', 'v1'])
  })
  test('a secret is kept as it is, with its name resolved', () => {
    expect(show('<+secrets.getValue("a>b")>')).toEqual(['<+secrets.getValue("a>b")>'])
    expect(show("<+secrets.getValue('p_<+a>')>")).toEqual(['<+secrets.getValue("p_x")>'])
  })
  test.each<[string, unknown]>([
    ['<+a.toUpperCase()>', 'X'],
    ['<+<+a>.concat("y").length()>', 2],
    ['<+n + 1>', 2],
    ['<+"1" + "2">', '12'],
    ['<+n + "a">', '1a'],
    ['<+7 / 2>', 3],
    ['<+big % 5 * 2 - 1>', 3],
    ['<+-(n + 2)>', -3],
    ['<+n == 1 ? "one" : "other">', 'one'],
    ['<+n gt 1 ? "one" : "other">', 'other'],
    ['<+"" ?: "empty">', 'empty'],
    ['<+list[1]>', 'two'],
    ['<+list.size()>', 2],
    ['<+list.join("+")>', 'one+two'],
    ['<+list.contains("two")>', true],
    ['<+"a,b".split(",")[0]>', 'a'],
    ['<+m.my-name>', 'kebab'],
    ['<+json.select("$.a.b[1].c", <+json>)>', 'deep'],
    ['<+json.object(<+json>).a.b[0]>', 1],
    ['<+regex.extract("v(\\\\d+)", "v12")>', '12'],
    ['<+regex.replace("[aeiou]", "_", "apple")>', '_ppl_'],
    ['<+"prod-1" =~ "prod-[0-9]+">', true],
    ['<+a =~ ["x", "y"]>', true],
    ['<+"v<+n>.<+big>">', 'v1.12'],
    ['<+<+big> > 3>', true],
    ['<+<+n> >= 1 && <+big> <= 12>', true],
    ['<+not <+t> or empty "">', true],
    ['<+"he said \\"no\\"">', 'he said "no"'],
  ])('%s', (text, expected) => {
    expect(show(text)).toEqual([expected])
  })
  test('a text after an expression with spaces is no comparison', () => {
    expect(show('from <+ a > to <+ n > now')).toEqual(['from ', 'x', ' to ', 1, ' now'])
  })
  test.each([
    ['<+pipeline.name', '0: an expression is not closed'],
    ['<+>', 'empty'],
    ['<+pipeline..name>', '10: `..name` is not part of a path'],
    ['<+.name>', '2: `.name` is not part of a path'],
    ['x<+a b>', '5: `b` stands in the wrong place'],
    ['<+(a>', 'not closed'],
    ['<+a ? b>', 'no `:`'],
    ['<+secrets.read("a")>', 'secrets.getValue'],
    [`<+${'('.repeat(99)}a${')'.repeat(99)}>`, 'nested too deeply'],
    [`<+${'<+'.repeat(60)}a${'>'.repeat(60)}>`, 'nested too deeply'],
    [`<+${'!'.repeat(99)}a>`, 'nested too deeply'],
    [`<+a${' + a'.repeat(999)}>`, 'too long'],
  ])('%s is refused', (text, problem) => {
    expect(show(text)).toContain(problem)
  })
  test.each([
    ['<+missing>', '<+missing> missing'],
    ['<+a - 1>', 'is no number'],
    ['<+n / 0>', 'divides by zero'],
    ['<+a.substring(5)>', 'outside of the text'],
    ['<+a.matches("(")>', 'is no pattern'],
    ['<+json.object("{")>', 'no JSON'],
  ])('%s has no value', (text, because) => {
    expect((show(text) as string[])[0]).toContain(because)
  })
  test('never throws, and loses nothing of a text without expressions', () => {
    const pieces = fc.constantFrom(
      '<+',
      '>',
      'a',
      '.',
      '(',
      ')',
      '"',
      "'",
      '[',
      ']',
      '?',
      ':',
      ' > ',
      '+',
      '!',
      '1',
      '\\',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (text) => {
          const parsed = parseTemplate(text)
          if ('problem' in parsed) expect(parsed.at).toBeLessThanOrEqual(text.length)
          else
            for (const part of parsed.parts)
              if (typeof part === 'object') evaluate(part.syntax, part.raw, scope('null'))
          if (!text.includes('<+')) expect(parsed).toEqual({ parts: text === '' ? [] : [text] })
        },
      ),
    )
  })
})

describe('conditions', () => {
  const holds = (text: string): boolean | string => {
    const parsed = parseCondition(text)
    if ('problem' in parsed) return parsed.problem
    const found = evaluate(parsed.syntax, text, scope('null'))
    return 'value' in found && isTrue(found.value)
  }
  test.each([
    ['<+a> == "x"', true],
    ["<+a> != 'x'", false],
    ['<+n> == "1" && <+t>', true],
    ['<+n> == 2 || !(<+a> == "y")', true],
    ['<+<+a> == "x">', true],
    ['<+a.b == "dotted">', true],
    ['a.b == "dotted"', true],
    ['"<+a>" == "x"', true],
    ['<+missing> == null', true],
    ['<+missing> == ""', false],
    ['<+a>', false],
    ['!<+missing>', true],
    ['<+a> == "x" || <+a> == "y" && <+t> == false', true],
    ['<+big> > 3', true],
    ['<+big> > 3 && <+n> < 2', true],
    ['<+a>.startsWith("x")', true],
    ['<+missing> > 3', false],
  ])('%s', (text, expected) => {
    expect(holds(text)).toBe(expected)
  })
  test.each(['', '<+a> ==', '(<+a> == "x"', '<+a> "x"', 'constructor == 1', '<+a> == x', '<+a> == "x" )', '&& <+a>'])(
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

test('the nearest word is found, and none when nothing is near', () => {
  const known = ['identifier', 'name', 'dbSchema', 'dbInstance']
  expect([nearest('identifer', known), nearest('dbschema', known), nearest('zzzzzzzz', known)]).toEqual([
    'identifier',
    'dbSchema',
    undefined,
  ])
})
