// db-doc writes pages that link to each other, load nothing, and show text of others as text.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { place, removePlaces } from './place.ts'

afterAll(removePlaces)

const changelog = `databaseChangeLog:
  - changeSet:
      id: 1
      author: "<b>amy</b>/../x"
      comment: "<script>alert('first')</script>"
      changes:
        - createTable: { tableName: person, columns: [ { column: { name: id, type: int } }, { column: { name: name, type: varchar(9) } } ] }
  - changeSet:
      id: 2
      author: bob
      changes:
        - addColumn: { tableName: person, columns: [ { column: { name: town, type: varchar(20) } } ] }
  - changeSet:
      id: later
      author: bob
      changes:
        - createTable: { tableName: "a/b", columns: [ { column: { name: id, type: int, remarks: "x & y" } } ] }
`

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())

describe('db-doc', () => {
  test('makes pages whose links all lead somewhere inside of the folder', async () => {
    const { sluice, url, write, path } = place()
    write('c.yaml', changelog)
    const flags = [`--url=${url}`, '--changelog-file=c.yaml']
    expect((await sluice('update-count', '2', ...flags)).code).toBe(0)
    const said = await sluice('db-doc', ...flags, '--output-directory=doc')
    expect(said).toMatchObject({ code: 0 })
    const folder = join(path, 'doc')
    const files = filesIn(folder)
    expect(files).toEqual(
      expect.arrayContaining([
        'index.html',
        'authors.html',
        'pending/index.html',
        'recent/index.html',
        'authors/bob.html',
        'columns/person.town.html',
      ]),
    )
    for (const file of files.filter((name) => name.endsWith('.html'))) {
      const text = readFileSync(join(folder, file), 'utf8')
      expect(text).not.toMatch(/<script|https?:\/\/|<b>|javascript:/i)
      const links = [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link.replace(/#.*$/, ''))
      for (const link of links.filter((one) => one !== '')) {
        const target = resolve(join(folder, dirname(file)), decodeURIComponent(link))
        expect(target.startsWith(folder), `${file} → ${link}`).toBe(true)
        expect(existsSync(target), `${file} → ${link}`).toBe(true)
      }
    }
    const town = readFileSync(join(folder, 'columns/person.town.html'), 'utf8')
    expect(town).toContain('<td>2</td>')
    expect(town).not.toContain('<td>1</td>')
    expect(readFileSync(join(folder, 'pending/sql.html'), 'utf8')).toContain('CREATE TABLE &quot;a/b&quot;')
    expect(readFileSync(join(folder, 'changelogs/c.yaml.html'), 'utf8')).toContain(
      '&lt;script&gt;alert(&#39;first&#39;)',
    )
  })

  test('writes over its own pages only, and leaves none of the old ones', async () => {
    const { sluice, url, write, path } = place()
    write('c.yaml', changelog)
    const flags = [`--url=${url}`, '--changelog-file=c.yaml', '--output-directory=doc']
    expect((await sluice('db-doc', ...flags)).code).toBe(0)
    writeFileSync(join(path, 'doc/authors/gone.html'), 'old')
    expect(JSON.parse((await sluice('db-doc', ...flags, '--format=json')).out)).toMatchObject({
      folder: join(path, 'doc'),
    })
    expect(existsSync(join(path, 'doc/authors/gone.html'))).toBe(false)
    const other = await sluice('db-doc', `--url=${url}`, '--changelog-file=c.yaml', '--output-directory=.')
    expect(other.code).not.toBe(0)
    expect(other.err).toContain('holds other files')
    expect(existsSync(join(path, 'c.yaml'))).toBe(true)
  })
})
