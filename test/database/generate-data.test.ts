// generate-changelog --diff-types data: rows go into CSV files, and a changelog puts them back as they were.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '#database/open'
import { place, removePlaces } from './place.ts'

afterAll(removePlaces)

const texts = [
  `it's "quoted", with # and ;`,
  '# not a comment',
  'two\nlines',
  '',
  'NULL',
  ' blank ',
  '${name}',
  '\\N',
  'äöü €',
]

describe('rows', () => {
  test('come back as they were, before foreign keys and triggers', async () => {
    const { sluice, url, path } = place()
    const first = await openDatabase({ url, username: undefined, password: undefined })
    await first.session.execute(
      'create table note (id integer primary key, text varchar(50), amount numeric(5,2), picture blob)',
    )
    for (const [index, text] of texts.entries()) {
      await first.session.execute('insert into note values (?, ?, ?, ?)', [
        index,
        text,
        index / 4,
        new Uint8Array([0, 255, index]),
      ])
    }
    await first.session.execute('insert into note values (99, null, null, null)')
    await first.session.execute("insert into note values (100, 'x', 1e30, X'')")
    await first.session.execute("insert into note values (101, 'x', 'no number', 'text')")
    await first.session.execute('create table empty (id integer)')
    const rows = await first.session.execute('select * from note order by id')
    await first.close()
    const said = await sluice(
      'generate-changelog',
      `--url=${url}`,
      '--changelog-file=c.xml',
      '--diff-types=tables,columns,primarykeys,indexes,data',
      '--data-output-directory=data',
    )
    expect(said).toMatchObject({ code: 0 })
    expect(existsSync(join(path, 'data/empty.csv'))).toBe(false)
    expect(readFileSync(join(path, 'data/note.csv'), 'utf8')).toContain('"99","<NULL>","<NULL>","<NULL>"')
    mkdirSync(join(path, 'other'))
    const otherUrl = `jdbc:sqlite:${join(path, 'other/again.db')}`
    expect((await sluice('update', `--url=${otherUrl}`, '--changelog-file=c.xml')).err).not.toContain('error')
    const second = await openDatabase({ url: otherUrl, username: undefined, password: undefined })
    expect((await second.session.execute('select * from note order by id')).rows).toEqual(rows.rows)
    await second.close()
  })

  test('leave the files of others alone', async () => {
    const { sluice, url, write, path } = place()
    const database = await openDatabase({ url, username: undefined, password: undefined })
    await database.session.execute('create table note (id integer primary key); insert into note values (1)')
    await database.close()
    const flags = [`--url=${url}`, '--diff-types=tables,columns,primarykeys,data']
    mkdirSync(join(path, 'data'))
    write('data/note.csv', 'mine')
    expect((await sluice('generate-changelog', ...flags, '--data-output-directory=data')).err).toContain(
      'is there already',
    )
    expect(readFileSync(join(path, 'data/note.csv'), 'utf8')).toBe('mine')
  })
})
