// All files of a generated changelog: what to write where.
import { Dice } from '../dice.ts'
import type { ChangelogFile, Generated } from '../generate/model.ts'
import { finish } from './finish.ts'
import { writeSql } from './sql.ts'
import { treeOf } from './tree.ts'
import { writeXml } from './xml.ts'
import { writeYaml } from './yaml.ts'

export function writeFiles(generated: Generated): Readonly<Record<string, string>> {
  const files: Record<string, string> = { ...generated.extras }
  for (const file of generated.files) files[file.path] = finish(file, textOf(file, generated.seed))
  return files
}

/** The state after the edits: other texts for some change sets, everything else as before. */
export function edited(generated: Generated): Generated {
  return {
    ...generated,
    files: generated.files.map((file) => ({
      ...file,
      entries: file.entries.map((entry) => {
        const changeSet =
          entry.kind === 'changeSet' ? generated.edits[`${file.path}::${entry.changeSet.id}`] : undefined
        return changeSet ? { kind: 'changeSet', changeSet } : entry
      }),
    })),
  }
}

function textOf(file: ChangelogFile, seed: number): string {
  if (file.format === 'xml') return writeXml(file)
  if (file.format === 'sql') return writeSql(file)
  const tree = treeOf(file)
  return file.format === 'json'
    ? `${JSON.stringify(tree, null, 2)}\n`
    : writeYaml(tree, new Dice(seed + file.path.length))
}
