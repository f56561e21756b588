// Nothing that anybody can put into a changelog may end in anything but findings with places.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '#contract/diagnostic'
import { spanSchema } from '#contract/diagnostic-schema'
import { Fault } from '#contract/fault'
import { matchesContexts } from './context.ts'
import { matchesDbms, splitDbms } from './dbms.ts'
import { expandText } from './expand.ts'
import { holds, parseExpression } from './expression.ts'
import { matchesLabels, splitLabels } from './label.ts'
import { memorySource } from './memory.ts'
import { normalisePath } from './path.ts'
import { parseProperties } from './properties-file.ts'
import { readChangelog } from './read.ts'
import { resolvePlain } from './yaml-scalar.ts'

const runs = process.env['SLUICE_LONG'] ? 20_000 : 200
const parameters = { seed: 20_260_101, numRuns: runs } as const
const database = { shortName: 'postgresql', properties: { typeName: 'postgresql' } }

/** Pieces glued together at random get further into a reader than random characters do. */
const textOf = (pieces: readonly string[], maxLength: number) =>
  fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...pieces) },
        { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
      ),
      { maxLength },
    )
    .map((parts) => parts.join(''))

function checkFindings(diagnostics: readonly Diagnostic[], hasChangelog: boolean): void {
  for (const { code, message, span } of diagnostics) {
    expect(code).toMatch(/^changelog\/[a-z-]+$/)
    expect(message).not.toBe('')
    expect(spanSchema.safeParse(span).success).toBe(true)
  }
  expect(hasChangelog).toBe(!diagnostics.some(({ severity }) => severity === 'error'))
}

async function survives(file: string, content: string | Uint8Array): Promise<void> {
  const files = memorySource({
    [file]: content,
    'k.yaml': 'databaseChangeLog:\n- changeSet: {id: k, author: x}\n',
    'd/s.sql': 'select 1',
  })
  const { changelog, diagnostics, expanderFor } = await readChangelog({
    files,
    file,
    database,
    knownChangeTypes: new Set(['sql', 'empty']),
  })
  checkFindings(diagnostics, changelog !== undefined)
  for (const changeSet of changelog?.changeSets ?? []) {
    expect(changeSet.id.trim()).not.toBe('')
    expect(expanderFor(changeSet)('${database.typeName}')).toBe('postgresql')
  }
}

const yamlPieces = [
  'databaseChangeLog:\n',
  '- changeSet:\n',
  '    id: 1\n',
  '    author: x\n',
  '    changes:\n',
  '    - sql: a\n',
  '    rollback: ',
  '- include: {file: k.yaml}\n',
  '- includeAll: {path: d}\n',
  '- property: {name: p, value: "${q}"}\n',
  '    preConditions:\n',
  '    - dbms: {type: h2}\n',
  '    - not:\n',
  '    modifySql: {append: {value: x}}\n',
  '    runOrder: first\n',
  '    context: ',
  '(a or b',
  '!!str ',
  '&a ',
  '*a',
  '<<: *a\n',
  '{',
  '}',
  '[',
  ']',
  ',',
  ': ',
  '- ',
  '\n',
  '  ',
  '\t',
  '"',
  "'",
  '|\n',
  '>-\n',
  '#',
  '---\n',
  '?',
  '${p}',
  '010',
  '~',
  'é',
  '\u2028',
  '\u0000',
  '😀',
]
const xmlPieces = [
  '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">',
  '</databaseChangeLog>',
  '<changeSet id="1" author="x">',
  '</changeSet>',
  '<changeSet id="2" author="x"/>',
  '<sql>',
  '</sql>',
  'select 1',
  '<include file="k.yaml"/>',
  '<includeAll path="d"/>',
  '<property name="p" value="v"/>',
  '<rollback>',
  '</rollback>',
  '<preConditions onFail="WARN">',
  '</preConditions>',
  '<tableExists tableName="t"/>',
  '<modifySql><append value="x"/></modifySql>',
  '<empty/>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?x',
  '?>',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '&a;',
  '&',
  '&lt;',
  '&#10;',
  '&#x0;',
  '<',
  '>',
  '/>',
  '="',
  '"',
  ' ',
  '\n',
  '\r\n',
  'x:y',
  'xmlns:x="u"',
  '${p}',
  'é',
  '\u0000',
  '\uFFFE',
  '😀',
]
const jsonPieces = [
  '{"databaseChangeLog":[',
  ']}',
  '{"changeSet":',
  '{"id":1,"author":"x"',
  '"changes":[',
  '{"sql":"a"}',
  '{"include":{"file":"k.yaml"}}',
  '"rollback":',
  '[]',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u00',
  'null',
  'true',
  '1e3',
  '-',
  '//',
  '/*',
  '\n',
  ' ',
  '#',
  '\t',
  '"${p}"',
  '😀',
]
const sqlPieces = [
  '--liquibase formatted sql\n',
  '--changeset a:1 ',
  '--changeset ',
  'runAlways:true ',
  'context:"a or b" ',
  'dbms:',
  'endDelimiter:/',
  'splitStatements:',
  '\n',
  '\r\n',
  'select 1;',
  '--rollback ',
  'changesetId:1 changesetAuthor:a',
  '/* liquibase rollback\n',
  '*/\n',
  '--comment ',
  '--validCheckSum: ',
  '--preconditions onFail:',
  'MARK_RAN',
  '--precondition-sql-check expectedResult:',
  '1 ',
  '--precondition-table-exists table:',
  '--property name:p value:',
  '--ignoreLines:',
  'start\n',
  'end\n',
  '3\n',
  '--',
  '-',
  '"',
  "'",
  '${p}',
  ' ',
  '\t',
  'é',
  '\u0000',
  '😀',
]

describe('readers', { timeout: 300_000 }, () => {
  test.each<readonly [string, readonly string[]]>([
    ['f.yaml', yamlPieces],
    ['f.xml', xmlPieces],
    ['f.json', jsonPieces],
    ['f.sql', sqlPieces],
  ])('%s', async (file, pieces) => {
    const start = pieces[0]
    const texts = fc.tuple(fc.boolean(), textOf(pieces, 40)).map(([begins, text]) => (begins ? start + text : text))
    await fc.assert(
      fc.asyncProperty(texts, (text) => survives(file, text)),
      parameters,
    )
  })

  test.each(['f.yaml', 'f.xml', 'f.json', 'f.sql', 'f.txt'])('bytes as %s', async (file) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), (bytes) => survives(file, bytes)),
      parameters,
    )
  })

  test('a good changelog cut short or with a character replaced', async () => {
    const good =
      '<?xml version="1.0"?>\n<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">\n<property name="p" value="v"/>\n<changeSet id="1" author="x" runAlways="true"><preConditions onFail="WARN"><not><tableExists tableName="t"/></not></preConditions><sql splitStatements="false">select &lt;1</sql><rollback>drop</rollback></changeSet>\n</databaseChangeLog>\n'
    const broken = fc
      .tuple(fc.nat(good.length), fc.nat(good.length), fc.string({ maxLength: 2 }))
      .map(([at, length, other]) => good.slice(0, at) + other + good.slice(at + length))
    await fc.assert(
      fc.asyncProperty(broken, (text) => survives('f.xml', text)),
      parameters,
    )
  })
})

describe('parsers', { timeout: 300_000 }, () => {
  const expressions = textOf(['a', 'b', '@a', '!', ' not ', ' and ', ' or ', '(', ')', ',', ' ', 'x y'], 12)

  test('expressions parse or say why not, and without names a mistake harms nobody else', () => {
    fc.assert(
      fc.property(expressions, expressions, fc.array(fc.constantFrom('a', 'b', '@a')), (expression, run, names) => {
        const { terms, mistake } = parseExpression(expression)
        if (terms) expect(typeof holds(terms, names)).toBe('boolean')
        else expect(mistake).not.toBe('')
        for (const match of [
          () => matchesContexts({ contextFilter: expression, inheritedContextFilters: [run] }, names.join(',')),
          () => matchesLabels({ labels: splitLabels(names.join(',')), inheritedLabels: [] }, expression),
        ]) {
          try {
            expect(typeof match()).toBe('boolean')
          } catch (error) {
            expect(error).toBeInstanceOf(Fault)
          }
        }
      }),
      parameters,
    )
  })

  test('a negation holds exactly when the expression does not, names being given', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('a', 'b', 'a or b', 'a and b', '(a or c) and b', 'not a'),
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
        (expression, names) => {
          const holdsFor = (text: string) => holds(parseExpression(text).terms ?? [], names)
          expect(holdsFor(`!(${expression})`)).toBe(!holdsFor(expression))
          expect(holdsFor(`(${expression}) and x`)).toBe(false)
          expect(holdsFor(`x, ${expression}`)).toBe(holdsFor(expression))
        },
      ),
      parameters,
    )
  })

  test('expansion ends, and leaves texts without known properties alone', () => {
    const budget = { expansions: 1_000_000 }
    fc.assert(
      fc.property(textOf(['${', '}', '$', 'a', 'b', ' ', ':'], 20), fc.boolean(), (text, isKnown) => {
        const options = { missing: 'PRESERVE', escaping: false, onTrouble: () => undefined, budget } as const
        const lookUp = (name: string) => (isKnown && name === 'a' ? '${b}${a}' : undefined)
        const expanded = expandText(text, { ...options, lookUp })
        if (!isKnown) expect(expanded).toBe(text)
      }),
      parameters,
    )
  })

  test('paths, scalars, lists and property files', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), (text, bytes) => {
        expect(normalisePath(normalisePath(text))).toBe(normalisePath(normalisePath(normalisePath(text))))
        const { text: resolved } = resolvePlain(text)
        expect(resolved === undefined || typeof resolved === 'string').toBe(true)
        expect(typeof matchesDbms(splitDbms(text), 'postgresql')).toBe('boolean')
        for (const pair of parseProperties(bytes)) expect(pair).toHaveLength(2)
      }),
      parameters,
    )
  })
})
