// Suite `expectedSql`: the script of update-sql of every case, for all databases, through their dialects without a connection.
import { join } from 'node:path'
import { folderSource } from '#changelog/folder'
import { updateSql } from '#engine/sql'
import type { Check, DatabaseName } from './check.ts'
import { clean, filledIn } from './clean.ts'
import type { Case, Corpus } from './corpus.ts'
import { differenceOf } from './difference.ts'
import { offlineContext, offlineDatabase } from './offline.ts'

/** What a live connection adds to the script, for cases that say so in their notes; these are compared live instead. */
const needsLive = /needs the column types of a live table|needs a live database/

export function expectedSqlChecks(corpus: Corpus): readonly Check[] {
  return corpus.cases.flatMap((one) => {
    const { db, expectedSql, suite } = one
    if (suite !== 'change' && suite !== 'data') return []
    if (db === 'any' || typeof expectedSql !== 'string') return []
    if (isCheckedLive(one)) return []
    return {
      suite: 'expectedSql',
      column: db,
      name: `${suite}/${one.name}`,
      run: async () => {
        const { schema, catalog } = corpus.databases[db]
        const database = offlineDatabase(db, {
          schemaName: schema ?? undefined,
          catalogName: catalog ?? undefined,
          tables: initialTables(corpus, db),
        })
        const files = folderSource([join(corpus.folder, one.searchPath ?? '')])
        const context = await offlineContext(database, files, one.changelog ?? '')
        const { sql } = await updateSql(context)
        return differenceOf(clean(filledIn(corpus.text(expectedSql), { schema, catalog })), clean(sql))
      },
    }
  })
}

/** Is its script compared on a live database? Only databases that have one in CI. */
function isCheckedLive({ db, notes }: Case): boolean {
  const live = db === 'postgresql' || db === 'mariadb' || db === 'sqlite'
  return live && (notes ?? []).some((note) => needsLive.test(note))
}

/** The tables of the init files, which a live database would tell of. */
function initialTables(corpus: Corpus, db: DatabaseName): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const tables = new Map<string, ReadonlyMap<string, string>>()
  const text = corpus.databases[db].init.map((file) => corpus.text(file)).join('\n')
  for (const [, name = '', body = ''] of text.matchAll(/create table [^(]*?([\w"`[\]]+)\s*\(([^;]*?)\n\s*\)/gi)) {
    const columns = body.split('\n').flatMap((line) => {
      const match = /^\s*[`"[]?(\w+)[`"\]]?\s+\[?(\w+(?: ?\(\d+\))?)/.exec(line)
      return match && !/^(?:primary|constraint)$/i.test(match[1]!)
        ? [[match[1]!.toLowerCase(), match[2]!] as const]
        : []
    })
    tables.set(name.replace(/[^\w]/g, '').toLowerCase(), new Map(columns))
  }
  return tables
}
