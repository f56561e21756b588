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
    expect(shortDate(new Date(2026, 10, 21, 9, 43).getTime())).toBe('11/21/26, 9:43 AM')
    expect(shortDate(new Date(2005, 0, 2, 12, 5).getTime())).toBe('1/2/05, 12:05 PM')
    expect(shortDate(new Date(2026, 1, 3, 0, 0).getTime())).toBe('2/3/26, 12:00 AM')
    const format = new Intl.DateTimeFormat('en-US', { dateStyle: 'short', timeStyle: 'short' })
    for (let time = Date.UTC(1999, 11, 30); time < Date.UTC(2000, 0, 3); time += 1_234_567) {
      // Newer locale data puts a narrow no-break space before AM and PM.
      expect(shortDate(time)).toBe(format.format(time).replaceAll(/[\u202f\u00a0]/g, ' '))
    }
  })
})
