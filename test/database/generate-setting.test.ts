// Settings of the commands that look at a whole schema, on a live database.
import { afterAll, describe, expect, test } from 'vitest'
import { type Place, place, removePlaces } from './place.ts'
import { isMysql, openTarget, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('settings of generated changelogs')
afterAll(removePlaces)

const clock = (): number => Date.UTC(2023, 10, 14, 22, 13, 20)

async function shop(name: string, sql: string): Promise<Place & { readonly on: string }> {
  const here = place({}, undefined, clock)
  const on = `--url=jdbc:sqlite:${here.path}/${name}.db`
  const { code, err } = await here.sluice('execute-sql', on, `--sql=${sql}`)
  expect({ code, err }).toMatchObject({ code: 0 })
  return { ...here, on }
}

const table = 'create table shop (id INTEGER not null, name TEXT)'

describe('generated change sets', () => {
  test.each(['xml', 'yaml', 'json', 'sql'])('say when and what in %s, when they are to', async (format) => {
    const here = await shop('a', `${table}; create index "by name" on shop (name)`)
    const flags = [`--changelog-file=c.${format}`, '--generate-changeset-created-values']
    here.write('liquibase.properties', 'liquibase.generatedChangesetIdsContainsDescription=true\n')
    expect((await here.sluice('generate-changelog', here.on, ...flags)).code).toBe(0)
    const text = here.read(`c.${format}`)
    expect(text).toContain('1700000000000-1 (createTable tableName=shop)')
    expect(text).toContain('-2 (createIndex indexName=by name, tableName=shop)')
    // Formatted SQL has no place for it.
    expect(text.includes('2023-11-14 22:13+0000')).toBe(format !== 'sql')
    const update = await here.sluice(
      'update',
      `--url=jdbc:sqlite:${here.path}/again.db`,
      `--changelog-file=c.${format}`,
    )
    expect(update).toMatchObject({ code: 0 })
    expect(update.err).toContain('::1700000000000-2 (createIndex indexName=by name, tableName=shop)::')
  })

  test('a description ends after 150 characters', async () => {
    const here = await shop('a', table.replace('shop', 's'.repeat(200)))
    const { out } = await here.sluice(
      'generate-changelog',
      here.on,
      '--generated-changeset-ids-contains-description=true',
    )
    expect(/id="1700000000000-1( [^"]*)"/.exec(out)?.[1]).toMatch(/^ \(createTable tableName=s+\.\.\.\)$/)
    expect(/id="1700000000000-1( [^"]*)"/.exec(out)?.[1]).toHaveLength(150)
  })
})

describe('diff', () => {
  test('tells the order of columns, unless it is not to count; a diff changelog cannot mend it', async () => {
    const here = await shop('a', table)
    await here.sluice(
      'execute-sql',
      `--url=jdbc:sqlite:${here.path}/b.db`,
      '--sql=create table shop (name TEXT, id INTEGER not null)',
    )
    const both = [here.on, `--reference-url=jdbc:sqlite:${here.path}/b.db`]
    const { out } = await here.sluice('diff', ...both)
    expect(out).toContain("order changed from '1' to '2'")
    expect(out).toContain('Changed Column(s): \n')
    expect((await here.sluice('diff', ...both, '--diff-column-order=false')).out).toContain('Changed Column(s): NONE')
    expect((await here.sluice('diff-changelog', ...both)).out).not.toContain('<changeSet')
    here.write('liquibase.properties', 'liquibase.diffColumnOrder: false\n')
    expect((await here.sluice('diff', ...both)).out).toContain('Changed Column(s): NONE')
  })

  test('takes a flag for references that are left out', async () => {
    const here = await shop('a', table)
    const said = await here.sluice(
      'diff',
      here.on,
      `--reference-url=jdbc:sqlite:${here.path}/a.db`,
      '--ignore-missing-references=true',
    )
    expect(said).toMatchObject({ code: 0 })
  })
})

test('a snapshot names the table of expressions in indexes, when it is to', async () => {
  const here = await shop('a', `${table}; create index low on shop (lower(name), id)`)
  const columns = async (...flags: string[]): Promise<unknown> => {
    const { out } = await here.sluice('snapshot', here.on, '--snapshot-format=json', ...flags)
    const { snapshot } = JSON.parse(out) as {
      readonly snapshot: { readonly objects: Record<string, readonly object[]> }
    }
    const list = snapshot.objects['liquibase.structure.core.Index'] ?? []
    return list.flatMap((item) => Object.values(item) as readonly { readonly columns: unknown }[])[0]?.columns
  }
  expect(JSON.stringify(await columns())).not.toContain('relation')
  const [first, second] = (await columns('--include-relations-for-computed-columns')) as readonly unknown[]
  expect(first).toMatchObject({ column: { computed: true, relation: expect.stringMatching(/Table#\d+$/) as string } })
  expect(second).toEqual({ column: { name: 'id' } })
})

test('what is not known is refused and not guessed', async () => {
  const here = await shop('a', table)
  const said = await here.sluice('snapshot', here.on, '--include-schema-name-for-default=true')
  expect(said.code).toBe(2)
  expect(said.err).toContain('include-schema-name-for-default')
})

describe.each(targetNames.filter((name) => name === 'postgresql' || isMysql(name)))('on %s', (name) => {
  test('schemas have other names in a changelog', async () => {
    const target = await openTarget(name)
    const mark = `o${Math.random().toString(36).slice(2, 10)}`
    const [one, two, other, more] = ['a', 'b', 'x', 'y'].map((end) => `${mark}_${end}`) as [
      string,
      string,
      string,
      string,
    ]
    try {
      const { session } = target.database
      for (const schema of [one, two, other, more]) await session.execute(`create schema ${schema}`)
      await session.execute(`create table ${one}.p (id int primary key)`)
      await session.execute(
        `create table ${two}.c (id int primary key, p int, constraint fk foreign key (p) references ${one}.p (id))`,
      )
      await session.execute(`insert into ${one}.p values (7)`)
      const here = place({}, undefined, clock)
      const on = [`--url=${target.url}`, `--schemas=${one},${two}`]
      const few = await here.sluice('generate-changelog', ...on, `--output-schemas=${other}`)
      expect(few.err).toContain('names 1 schemas for 2')
      const said = await here.sluice(
        'generate-changelog',
        ...on,
        `--output-schemas=${other},${more}`,
        '--changelog-file=c.yaml',
        '--should-snapshot-data=true',
      )
      expect(said).toMatchObject({ code: 0 })
      const text = here.read('c.yaml')
      expect(text).toContain(`schemaName: ${other}`)
      expect(text).toContain(`referencedTableSchemaName: ${other}`)
      expect(text).not.toContain(one)
      expect((await here.sluice('update', `--url=${target.url}`, '--changelog-file=c.yaml')).code).toBe(0)
      expect((await session.execute(`select id from ${other}.p`)).rows).toEqual([{ id: 7 }])
      await session.execute(`insert into ${more}.c values (1, 7)`)
      await expect(session.execute(`insert into ${more}.c values (2, 8)`)).rejects.toMatchObject({
        code: 'statement-failed',
      })
      const diff = await here.sluice(
        'diff-changelog',
        `--url=${target.url}`,
        `--schemas=${other}`,
        `--reference-url=${target.url}`,
        `--reference-schemas=${two}`,
        `--output-schemas=${mark}_z`,
      )
      expect(diff.out).toContain(`<createTable schemaName="${mark}_z" tableName="c">`)
    } finally {
      const { session } = target.database
      for (const schema of [more, other, two, one]) {
        await session.execute(`drop schema if exists ${schema}${isMysql(name) ? '' : ' cascade'}`)
      }
      await target.remove()
    }
  })
})
