// Chooses organization and project, and opens its overview.
import { Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Icon } from '../part/icon.tsx'
import type { Organization, Scope } from '../query.ts'
import style from './shell.module.css'

export function ScopeChooser({
  scope,
  organizations,
}: {
  readonly scope: Scope | undefined
  /** Undefined while they are read. */
  readonly organizations: readonly Organization[] | undefined
}) {
  const navigate = useNavigate()
  const organization = organizations?.find((one) => one.identifier === scope?.org)
  const project = organization?.projects.find((one) => one.identifier === scope?.project)
  const organizationName = organization?.name ?? scope?.org ?? 'No organization'
  const projectName = project?.name ?? scope?.project ?? 'Choose a project'
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <button type="button" className={style.chooser} disabled={organizations === undefined}>
          <span className="unseen">Project:</span>
          <span className={style.chooserText}>
            <span className="cut">{organizationName}</span>
            <span className="cut">{projectName}</span>
          </span>
          <Icon name="chevron" size={14} className="faint" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {organizations?.map((one) => [
          <Menu.Label key={one.identifier}>{one.name}</Menu.Label>,
          one.projects.length === 0 ? (
            <Menu.Item key={`${one.identifier} none`} disabled>
              No project yet
            </Menu.Item>
          ) : null,
          ...one.projects.map((entry) => (
            <Menu.Item
              key={`${one.identifier} ${entry.identifier}`}
              rightSection={
                one.identifier === scope?.org && entry.identifier === scope.project ? <Icon name="check" /> : null
              }
              onClick={() =>
                void navigate({
                  to: '/orgs/$org/projects/$project',
                  params: { org: one.identifier, project: entry.identifier },
                })
              }
            >
              {entry.name}
            </Menu.Item>
          )),
        ])}
        {organizations?.length === 0 ? <Menu.Item disabled>No organization yet</Menu.Item> : null}
      </Menu.Dropdown>
    </Menu>
  )
}
