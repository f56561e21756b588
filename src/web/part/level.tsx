// Where something belongs that may belong to the project, its organization or the account.
import { Select } from '@mantine/core'
import type { Scope } from '../query.ts'

export const levels = ['project', 'organization', 'account'] as const
export type Level = (typeof levels)[number]

/** The scope of the level itself, for rights. */
export const scopeAt = ({ org, project }: Scope, level: Level): { org?: string; project?: string } => ({
  ...(level === 'account' ? {} : { org }),
  ...(level === 'project' ? { project } : {}),
})

/** As the platform services want it in the query. */
export const placeOf = (scope: Scope, level: Level): { orgIdentifier?: string; projectIdentifier?: string } => ({
  ...(level === 'account' ? {} : { orgIdentifier: scope.org }),
  ...(level === 'project' ? { projectIdentifier: scope.project } : {}),
})

const labels: Readonly<Record<Level, string>> = {
  project: 'Of this project',
  organization: 'Of the organization',
  account: 'Of the account',
}

export function LevelSelect({ level, choose }: { readonly level: Level; readonly choose: (level: Level) => void }) {
  return (
    <Select
      aria-label="Where they belong"
      data={levels.map((value) => ({ value, label: labels[value] }))}
      value={level}
      allowDeselect={false}
      onChange={(value) => choose(levels.find((one) => one === value) ?? 'project')}
    />
  )
}
