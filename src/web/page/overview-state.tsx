// How far each instance is with the changelog of a schema: one bar for each.
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useApi } from '../api.ts'
import { summarizeInstance } from '../model/matrix.ts'
import { Empty, FaultNotice, Loading } from '../part/notice.tsx'
import { Panel } from '../part/page.tsx'
import { migrationStateQuery, type Scope, schemasQuery } from '../query.ts'
import style from './overview.module.css'

export function MigrationState({ scope }: { readonly scope: Scope }) {
  const schemas = useQuery(schemasQuery(useApi(), scope)).data
  const [chosen, setChosen] = useState<string>()
  const schema = schemas?.find((one) => one.identifier === chosen) ?? schemas?.[0]
  return (
    <Panel
      title="Migration state"
      aside={
        schemas && schemas.length > 1 ? (
          <Select
            aria-label="Schema"
            searchable
            allowDeselect={false}
            data={schemas.map((one) => ({ value: one.identifier, label: one.name }))}
            value={schema?.identifier ?? null}
            onChange={(value) => setChosen(value ?? undefined)}
          />
        ) : schema ? (
          <Link to="/orgs/$org/projects/$project/schemas/$schema" params={{ ...scope, schema: schema.identifier }}>
            {schema.name}
          </Link>
        ) : null
      }
    >
      {!schemas ? <Loading rows={3} /> : null}
      {schemas && !schema ? (
        <Empty icon="schemas" title="No DB schema yet">
          <p>
            Connect a repository with a changelog and a database: <code>sluice connect --help</code>
          </p>
        </Empty>
      ) : null}
      {schema ? <Bars scope={scope} schema={schema.identifier} /> : null}
    </Panel>
  )
}

function Bars({ scope, schema }: { readonly scope: Scope; readonly schema: string }) {
  const { data, error } = useQuery(migrationStateQuery(useApi(), scope, schema))
  if (error) return <FaultNotice error={error} />
  if (!data) return <Loading rows={3} />
  if (data.changeSets.length === 0) {
    return (
      <Empty icon="schemas" title="No change set is known yet">
        <p>Run a pipeline that previews or applies this schema.</p>
      </Empty>
    )
  }
  return (
    <ul className={style.bars}>
      {data.instances.map((instance) => {
        const { deployed, failed, total } = summarizeInstance(data, instance.identifier)
        return (
          <li key={instance.identifier}>
            <Link to="/orgs/$org/projects/$project/schemas/$schema" params={{ ...scope, schema }}>
              {instance.name}
            </Link>
            <span className="soft number">
              {deployed} of {total} deployed{failed > 0 ? `, ${failed} failed` : ''}
            </span>
            <span
              className={style.bar}
              data-done={deployed === total || undefined}
              data-failed={failed > 0 || undefined}
            >
              <span style={{ width: `${(100 * deployed) / total}%` }} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}
