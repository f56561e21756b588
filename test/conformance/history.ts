// Suite `history`: the rows of the history table after changelog-sync, or the error that stops it.
import { join } from 'node:path'
import { fullContext } from '#changelog/context'
import { folderSource } from '#changelog/folder'
import { fullLabels } from '#changelog/label'
import { Fault } from '#contract/fault'
import { formatDiagnostic } from '#contract/diagnostic'
import type { PlannedStep } from '#engine/plan'
import { planUpdate } from '#engine/plan-update'
import type { Check } from './check.ts'
import type { Case, Corpus } from './corpus.ts'
import { differenceOf } from './difference.ts'
import { offlineContext, offlineDatabase } from './offline.ts'

export function historyChecks(corpus: Corpus): readonly Check[] {
  return corpus.cases
    .filter(({ suite }) => suite === 'history')
    .map((one) => ({
      suite: 'history',
      column: one.db,
      name: one.name,
      run: async () => await (one.expectedError === undefined ? compareRows(corpus, one) : compareError(corpus, one)),
    }))
}

async function rowsOf(corpus: Corpus, one: Case): Promise<readonly Readonly<Record<string, string | null>>[]> {
  const database = offlineDatabase(one.db === 'any' ? 'postgresql' : one.db)
  const files = folderSource([join(corpus.folder, one.searchPath ?? '')])
  const context = await offlineContext(database, files, one.changelog ?? '')
  const plan = await planUpdate(context)
  return plan.steps.map(rowOf)
}

function rowOf(step: PlannedStep): Readonly<Record<string, string | null>> {
  const { changeSet } = step
  return {
    ID: changeSet.id,
    AUTHOR: changeSet.author,
    FILENAME: changeSet.path,
    EXECTYPE: step.execType,
    MD5SUM: step.checksum,
    DESCRIPTION: step.description,
    COMMENTS: changeSet.comment,
    TAG: step.tag ?? null,
    CONTEXTS: fullContext(changeSet),
    LABELS: fullLabels(changeSet),
  }
}

async function compareRows(corpus: Corpus, one: Case): Promise<string | undefined> {
  const printed = (rows: readonly Readonly<Record<string, string | null>>[]): string =>
    rows
      .map((row) =>
        Object.entries(row)
          .map(([key, value]) => `${key}=${value ?? ''}`)
          .join(' | '),
      )
      .join('\n')
  return differenceOf(printed(one.expectedHistory ?? []), printed(await rowsOf(corpus, one)))
}

async function compareError(corpus: Corpus, one: Case): Promise<string | undefined> {
  try {
    const rows = await rowsOf(corpus, one)
    return `expected the error "${one.expectedError}", got ${rows.length} rows`
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const text = [error.message, ...error.diagnostics.map(formatDiagnostic)].join('\n')
    return text.includes(one.expectedError ?? '')
      ? undefined
      : `expected the error "${one.expectedError}", got\n${text}`
  }
}
