// LiquibaseCommand: one command of the engine. What it says is the log, the output `result`, and whole as the result of the attempt.
import { changeSetFqn } from '#contract/change-set'
import { commandRules, snapshotFormats } from '#contract/delegate/command'
import type { TargetWork } from '#contract/delegate/step-spec'
import { formatDiagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { changelogSync } from '#engine/changelog-sync'
import { clearChecksums } from '#engine/clear-checksums'
import type { EngineContext, TargetContext } from '#engine/context'
import { type ExecutedStatement, executeSql } from '#engine/execute-sql'
import { history } from '#engine/history'
import { listLocks, releaseLocks } from '#engine/locks'
import { objectTypesOf } from '#engine/snapshot/object-type'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot, snapshot } from '#engine/snapshot/snapshot'
import { futureRollbackSql } from '#engine/sql'
import { status } from '#engine/status'
import { tag, tagExists } from '#engine/tag'
import { unexpectedChangeSets } from '#engine/unexpected-changesets'
import { validate } from '#engine/validate'
import type { WorkContext, WorkResult } from './context.ts'
import { betweenStates } from './output.ts'

export type CommandWork = Extract<TargetWork, { type: 'LiquibaseCommand' }>
/** Characters of the output `result`, and lines in the log; the result of the attempt has all. */
const longestOutput = 65_536
const mostLines = 1000

export type Shown = Pick<WorkContext, 'streams' | 'line' | 'signal'> & { readonly work: CommandWork }

/** With the changelog: what changes the history is seen in the state of the instance at once. */
export async function runCommand(context: WorkContext<CommandWork>): Promise<WorkResult> {
  const act = (): Promise<string> => performOnChangelog(context.work, context.engine, context.signal)
  return show(context, commandRules[context.work.command].changes ? await betweenStates(context, act) : await act())
}

/** Without one. */
export async function runBareCommand(shown: Shown, target: TargetContext): Promise<WorkResult> {
  return show(shown, await performOnTarget(shown.work, target, shown.signal))
}

function show({ streams, line }: Shown, text: string): WorkResult {
  streams.open('result').write(`${text}\n`)
  const lines = text.split('\n')
  for (const one of lines.slice(0, mostLines)) line(one)
  if (lines.length > mostLines) line(`${lines.length - mostLines} more lines are in the result of the attempt`)
  const cut = text.length > longestOutput ? { resultTruncated: true } : {}
  return { output: { result: text.slice(0, longestOutput), ...cut } }
}

async function performOnChangelog(work: CommandWork, engine: EngineContext, signal: AbortSignal): Promise<string> {
  switch (work.command) {
    case 'validate': {
      const warnings = await validate(engine, signal)
      return ['No validation errors found.', ...warnings.map(formatDiagnostic)].join('\n')
    }
    case 'status':
      return listed((await status(engine, signal)).pending.map(nameOf), 'has not run', 'have not run')
    case 'unexpected-changesets':
      return listed(
        (await unexpectedChangeSets(engine, signal)).map(changeSetFqn),
        'is not in the changelog',
        'are not in the changelog',
      )
    case 'future-rollback-sql':
      return (await futureRollbackSql(engine, {}, signal)).sql
    case 'changelog-sync':
      return synced(await changelogSync(engine, {}, signal))
    case 'changelog-sync-to-tag':
      return synced(await changelogSync(engine, { toTag: argument(work, 'tag') }, signal))
    case 'mark-next-changeset-ran':
      return synced(await changelogSync(engine, { count: 1 }, signal))
    default:
      return await performOnTarget(work, engine, signal)
  }
}

async function performOnTarget(work: CommandWork, target: TargetContext, signal: AbortSignal): Promise<string> {
  switch (work.command) {
    case 'history':
      return listed((await history(target, signal)).map(changeSetFqn), 'was recorded', 'were recorded')
    case 'list-locks':
      return locked(await listLocks(target, signal), 'held')
    case 'release-locks':
      return locked(await releaseLocks(target, signal), 'released')
    case 'tag': {
      const name = argument(work, 'tag')
      await tag(target, name, signal)
      return `Tagged as ${name}`
    }
    case 'tag-exists': {
      const name = argument(work, 'tag')
      return `The tag ${name} ${(await tagExists(target, name, signal)) ? 'exists' : 'does not exist'}`
    }
    case 'clear-checksums':
      return `Cleared ${await clearChecksums(target, signal)} checksums`
    case 'execute-sql': {
      const done = await executeSql(target, argument(work, 'sql'), work.arguments['delimiter'], signal)
      return done.map(rowsOf).join('\n')
    }
    case 'snapshot': {
      const format = snapshotFormats.find((known) => known === (work.arguments['snapshot-format'] ?? 'txt'))
      if (!format) throw new Fault('invalid-input', `snapshot-format is one of ${snapshotFormats.join(', ')}.`)
      const types = objectTypesOf(undefined, 'snapshot-control')
      const selection = selectionOf({ types, includeObjects: undefined, excludeObjects: undefined })
      return formatSnapshot(await snapshot(target, { selection }, signal), selection, format, target.clock())
    }
    default:
      throw new Fault('invalid-input', `${work.command} needs the changelog.`, {
        hint: 'Leave excludeChangeLogFile out.',
      })
  }
}

function argument(work: CommandWork, name: string): string {
  const value = work.arguments[name] ?? ''
  if (value !== '') return value
  throw new Fault('invalid-input', `${work.command} has no \`${name}\`.`)
}

const nameOf = (changeSet: { readonly path: string; readonly id: string; readonly author: string }): string =>
  changeSetFqn({ ...changeSet, fileName: changeSet.path })

const listed = (names: readonly string[], one: string, many: string): string =>
  [`${names.length} ${names.length === 1 ? `change set ${one}` : `change sets ${many}`}`, ...names].join('\n')

const synced = ({ steps }: Awaited<ReturnType<typeof changelogSync>>): string =>
  listed(
    steps.map(({ changeSet }) => nameOf(changeSet)),
    'was recorded as run',
    'were recorded as run',
  )

const locked = (locks: Awaited<ReturnType<typeof listLocks>>, what: string): string =>
  locks.length === 0 ? 'The lock is free' : locks.map(({ holder }) => `Lock of ${holder} ${what}`).join('\n')

/** A head and rows with tabs between. */
function rowsOf({ sql, result, rowsAffected }: ExecutedStatement): string {
  if (!result) return `${sql}\n${rowsAffected} rows affected`
  const rows = result.rows.map((row) => row.map((cell) => cell ?? 'NULL').join('\t'))
  return [sql, result.columns.join('\t'), ...rows].join('\n')
}
