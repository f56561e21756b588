import { describe, expect, test } from 'vitest'
import { expandText, type MissingPropertyMode } from './expand.ts'

const values: Readonly<Record<string, string>> = {
  p: 'v${q}',
  q: 'one',
  pone: 'nested',
  loop: '${pool}',
  pool: '${LOOP}',
}

function expand(text: string, missing: MissingPropertyMode = 'PRESERVE', escaping = false) {
  const troubles: string[] = []
  const result = expandText(text, {
    lookUp: (name) => values[name.toLowerCase()],
    missing,
    escaping,
    onTrouble: (trouble, name) => troubles.push(`${trouble} ${name}`),
    budget: { expansions: 1000 },
  })
  return { result, troubles }
}

describe('expandText', () => {
  test.each([
    ['${p}', 'vone'],
    ['${P} ${ q }', 'vone one'],
    ['$${q}', '$one'],
    ['{${q}}', '{one}'],
    ['${p${q}}', 'nested'],
    ['${q${q}}', '${qone}'],
    ['${no}', '${no}'],
    ['${p ${p}x}', '${p vonex}'],
    ['${}', '${}'],
    ['${:q}', '${:q}'],
    ['a ${q and ${q}', 'a ${q and one'],
    ['$q $ {q} }', '$q $ {q} }'],
    ['no property', 'no property'],
  ])('%s becomes %s', (text, expected) => {
    expect(expand(text)).toEqual({ result: expected, troubles: [] })
  })

  test('missing ones as the settings say', () => {
    expect(expand('[${no}]', 'EMPTY')).toEqual({ result: '[]', troubles: [] })
    expect(expand('[${no}]', 'ERROR')).toEqual({ result: '[${no}]', troubles: ['missing no'] })
  })

  test('an escaped one is text', () => {
    expect(expand('${:q}', 'PRESERVE', true).result).toBe('${q}')
  })

  test('a circle ends and is told', () => {
    expect(expand('x${loop}')).toEqual({ result: 'x${LOOP}', troubles: ['cycle LOOP'] })
  })

  test('properties that double one another end, too', () => {
    const troubles: string[] = []
    const text = expandText('${0}', {
      lookUp: (name) => `\${${Number(name) + 1}}\${${Number(name) + 1}}`,
      missing: 'PRESERVE',
      escaping: false,
      onTrouble: (trouble) => troubles.push(trouble),
      budget: { expansions: 500 },
    })
    expect(text.length).toBeLessThan(1_000_000)
    expect(troubles.length).toBeGreaterThan(0)
  })
})
