import { describe, expect, test } from 'vitest'
import type { SqlVisitor } from '#changelog/model'
import { Fault } from '#contract/fault'
import { modifySql } from './modify-sql.ts'

const visitor = (type: SqlVisitor['type'], more: Partial<SqlVisitor>): SqlVisitor => ({
  type,
  value: '',
  replace: '',
  with: '',
  dbms: [],
  contextFilter: '',
  labels: [],
  applyToRollback: false,
  span: { file: 'c.xml', line: 7, column: 3 },
  ...more,
})

describe('modifySql', () => {
  test('applies visitors in their order', () => {
    const visitors = [
      visitor('append', { value: ' engine' }),
      visitor('prepend', { value: '/* x */ ' }),
      visitor('replace', { replace: 'a$1', with: 'b$&' }),
      visitor('regExpReplace', { replace: '(\\d+)', with: '<$1>' }),
      visitor('appendSqlIfNotPresent', { value: ' engine' }),
    ]
    expect(modifySql('create a$1 42', visitors)).toBe('/* x */ create b$& <42> engine')
  })

  test('refuses a pattern that is no regular expression, with its place', () => {
    const broken = () => modifySql('x', [visitor('regExpReplace', { replace: '(' })])
    expect(broken).toThrow(Fault)
    try {
      broken()
    } catch (error) {
      expect((error as Fault).diagnostics[0]?.span).toMatchObject({ file: 'c.xml', line: 7 })
    }
  })
})
