// DBTestAndPreview: a change set that somebody, or something, has just written: is it valid, and what would it do and undo?
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { changeSetFqn } from '#contract/change-set'
import type { TargetWork } from '#contract/delegate/step-spec'
import { formatDiagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { futureRollbackSql, updateSql } from '#engine/sql'
import { validate } from '#engine/validate'
import { fileIn } from './command-file.ts'
import type { WorkContext, WorkResult } from './context.ts'
import { outputList, planPayload } from './output.ts'

export type TestAndPreview = Extract<TargetWork, { type: 'DBTestAndPreview' }>

const file = 'changelog.yaml'

/** Writes it where later steps of the group find it. Gives the folder and the name of the file. */
export async function writeCandidate(
  { changeset, directory }: TestAndPreview,
  folder: string,
): Promise<{ readonly root: string; readonly file: string }> {
  const root = await fileIn(folder, directory)
  await mkdir(root, { recursive: true, mode: 0o700 })
  await writeFile(await fileIn(folder, join(directory, file)), asChangelog(decoded(changeset)))
  return { root, file }
}

function decoded(changeset: string): string {
  const bytes = Buffer.from(changeset.replace(/\s+/g, ''), 'base64')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (text.trim() !== '') return text
  } catch {
    // Said below.
  }
  throw new Fault('invalid-input', '`changeset` is not the base64 of a YAML text.', {
    hint: 'Encode the change set with base64, as in `base64 --wrap=0 changeset.yaml`.',
  })
}

/** A change set alone, or a list of them, becomes a changelog. */
function asChangelog(text: string): string {
  if (/^databaseChangeLog\s*:/m.test(text)) return text
  const lines = text.split('\n')
  const isList = /^- /m.test(text)
  const first = lines.findIndex((line) => /^(?:- )?changeSet\s*:/.test(line))
  if (first === -1) return text
  const indented = lines.slice(first).map((line, index) => {
    if (line.trim() === '') return line
    return isList ? `  ${line}` : index === 0 ? `  - ${line}` : `    ${line}`
  })
  return ['databaseChangeLog:', ...indented].join('\n')
}

/** Changes nothing: what it would do is planned against the database and its history. */
export async function testAndPreview(context: WorkContext<TestAndPreview>): Promise<WorkResult> {
  const { work, engine, line, signal } = context
  for (const warning of await validate(engine, signal)) line(formatDiagnostic(warning))
  const update = planPayload(context, await updateSql(engine, {}, signal))
  if (update.changeSets.length === 0)
    throw new Fault('invalid-input', 'No change set of it would run on this instance.', {
      hint: 'All of them have run there under the same path, id and author, or their contexts and labels are others.',
    })
  const rollback = planPayload(context, await futureRollbackSql(engine, {}, signal))
  for (const { sql } of [update, rollback]) for (const one of sql.split('\n')) line(one)
  const statementsOf = ({ changeSets }: typeof update): readonly string[] =>
    changeSets.flatMap(({ statements }) => statements)
  return {
    output: {
      ...outputList('changeSets', update.changeSets.map(changeSetFqn)),
      ...outputList('sqlCommands', statementsOf(update)),
      ...outputList('rollbackCommands', statementsOf(rollback)),
      directory: work.directory,
    },
  }
}
