// The instances of a schema: what each follows, what it is told to take, and how far it is.
import type { DbInstanceOut } from '#contract/api/db-instance'
import type { MigrationStateOut } from '#contract/api/migration-state'
import { summarizeInstance } from '../../model/matrix.ts'
import { Icon } from '../../part/icon.tsx'
import { Named, Table } from '../../part/list.tsx'
import { Empty } from '../../part/notice.tsx'
import { Panel } from '../../part/page.tsx'
import table from '../../part/table.module.css'
import { Ago } from '../../part/time.tsx'
import { InstanceActions } from './instance-actions.tsx'
import style from './schema.module.css'

function revisionOf(instance: DbInstanceOut): readonly [string, string] {
  if (instance.commitSha) return ['commit', instance.commitSha.slice(0, 12)]
  if (instance.gitTag) return ['tag', instance.gitTag]
  if (instance.branch) return ['branch', instance.branch]
  return ['', 'default branch']
}

/** Epoch seconds of the newest change that a run reported, or undefined. */
function lastDeployed(state: MigrationStateOut | undefined, instance: string): number | undefined {
  const times = (state?.changeSets ?? []).flatMap((changeSet) =>
    changeSet.instances
      .filter((cell) => cell.instance === instance && cell.status === 'Successfully_Deployed')
      .map((cell) => cell.updated),
  )
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b))
}

const columns = [
  'Instance',
  'Follows',
  'Connector',
  'Contexts',
  'Tags',
  'Deployed',
  'Last tag',
  'Last deployed',
  { title: 'Actions', unseen: true },
] as const

export function InstanceTable({
  schema,
  instances,
  state,
}: {
  readonly schema: string
  readonly instances: readonly DbInstanceOut[]
  readonly state: MigrationStateOut | undefined
}) {
  if (instances.length === 0) {
    return (
      <Empty icon="delegates" title="No instance yet">
        <p>
          An instance is one database that this schema is deployed to. Add it through the API with a JDBC connector and
          the branch, tag or commit that it follows.
        </p>
      </Empty>
    )
  }
  return (
    <Panel>
      <Table label="Instances" columns={columns}>
        {instances.map((instance) => (
          <InstanceRow key={instance.identifier} schema={schema} instance={instance} state={state} />
        ))}
      </Table>
    </Panel>
  )
}

function InstanceRow({
  schema,
  instance,
  state,
}: {
  readonly schema: string
  readonly instance: DbInstanceOut
  readonly state: MigrationStateOut | undefined
}) {
  const [kind, revision] = revisionOf(instance)
  const summary = state ? summarizeInstance(state, instance.identifier) : undefined
  const at = lastDeployed(state, instance.identifier)
  const tags = Object.entries(instance.tags)
  return (
    <tr>
      <Named name={instance.name} identifier={instance.identifier} />
      <td>
        <span className="faint">{kind}</span> <code>{revision}</code>
      </td>
      <td className="code">{instance.connector}</td>
      <td>{instance.context ? <code>{instance.context}</code> : <span className="faint">all</span>}</td>
      <td>
        <span className={style.tagList}>
          {tags.map(([key, value]) => (
            <span key={key} className={style.tag}>
              {value ? `${key}: ${value}` : key}
            </span>
          ))}
          {tags.length === 0 ? <span className="faint">–</span> : null}
        </span>
      </td>
      <td className="number">{summary ? `${summary.deployed} of ${summary.total}` : '–'}</td>
      <td>
        {instance.lastDeployedChangeSetTag ? (
          <span className={style.tag}>
            <Icon name="tag" size={11} />
            {instance.lastDeployedChangeSetTag}
          </span>
        ) : (
          <span className="faint">–</span>
        )}
      </td>
      <td>
        <Ago at={at === undefined ? undefined : at * 1000} otherwise="never" />
      </td>
      <td className={table.end}>
        <InstanceActions schema={schema} instance={instance} />
      </td>
    </tr>
  )
}
