// Suite `expectedSql`: the script of update-sql of every case, for all databases, through their dialects without a connection.
import { join } from 'node:path'
import { folderSource } from '#changelog/folder'
import { updateSql } from '#engine/sql'
import type { Check } from './check.ts'
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
        const database = offlineDatabase(db, { schemaName: schema ?? undefined, catalogName: catalog ?? undefined })
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
