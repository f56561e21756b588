import { describe, expect, test } from 'vitest'
import { ScriptWriter, shortDate } from './script.ts'

describe('a script', () => {
  test('has a delimiter and a blank line after each statement', () => {
    const script = new ScriptWriter('--')
    script.comment('Changeset a::1::b\ntwo lines')
    script.statement('select 1')
    script.statement('select 2;  ')
    script.statement('create procedure p', '/')
    script.statement('select 3', '\\nGO$')
    script.statement('select 4', '(weird)')
    expect(script.text()).toBe(
      '-- Changeset a::1::b\n-- two lines\nselect 1;\n\nselect 2;\n\ncreate procedure p;\n\nselect 3;\n\nselect 4;\n\n',
    )
  })

  test('shows the time in the short form of its readers, without odd blanks', () => {
    expect(shortDate(Date.UTC(2026, 10, 21, 9, 43))).toMatch(/^11\/2\d\/26, \d{1,2}:43 [AP]M$/)
  })
})
