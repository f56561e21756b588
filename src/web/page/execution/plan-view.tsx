// One plan or several: for each instance its digest, the SQL of its change sets, the whole script, and a list.
import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { ReplyOf } from '#contract/endpoint'
import type { Api } from '#contract/api/index'
import type { PlannedChangeSet } from '#contract/change-set'
import { planText } from '../../model/plan-text.ts'
import { Code } from '../../part/code.tsx'
import { CopyButton, Digest } from '../../part/copy.tsx'
import { Empty } from '../../part/notice.tsx'
import table from '../../part/table.module.css'
import style from './plan-view.module.css'

export type Plan = ReplyOf<Api['getPlan']>[number]

type View = 'sql' | 'script' | 'change-sets'
const views: { readonly value: View; readonly label: string }[] = [
  { value: 'sql', label: 'SQL' },
  { value: 'script', label: 'Full script' },
  { value: 'change-sets', label: 'List' },
]

export function PlanView({ plans }: { readonly plans: readonly Plan[] }) {
  const [at, setAt] = useState('0')
  const [view, setView] = useState<View>('sql')
  const plan = plans[Number(at)] ?? plans[0]
  if (!plan) {
    return (
      <Empty icon="file" title="There is no plan">
        <p>No preview step has produced SQL for this yet.</p>
      </Empty>
    )
  }
  const count = plan.changeSets.length
  const text = view === 'script' ? plan.sql : planText(plan.changeSets)
  return (
    <div className={style.view}>
      <div className={style.bar}>
        {plans.length > 1 ? (
          <SegmentedControl
            aria-label="Instance"
            data={plans.map((one, index) => ({ value: String(index), label: one.dbInstance }))}
            value={at}
            onChange={setAt}
          />
        ) : (
          <code className={style.target}>
            {plan.dbSchema} → {plan.dbInstance}
          </code>
        )}
        <span className="soft number">{count === 1 ? '1 change set' : `${count} change sets`}</span>
        <span className="soft">
          digest <Digest value={plan.digest} />
        </span>
        <span className={style.gap} />
        <SegmentedControl aria-label="How the plan is shown" data={views} value={view} onChange={setView} />
        <CopyButton text={text} />
      </div>
      {count === 0 ? (
        <Empty icon="check" title="Nothing to do">
          <p>The database already stands where the changelog wants it. No SQL would run.</p>
        </Empty>
      ) : view !== 'change-sets' ? (
        <Code text={text} language="sql" label={`SQL for ${plan.dbInstance}`} className={style.code} />
      ) : (
        <ChangeSets rows={plan.changeSets} />
      )}
    </div>
  )
}

function ChangeSets({ rows }: { readonly rows: readonly PlannedChangeSet[] }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className={style.list} tabIndex={0} aria-label="Change sets of the plan">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Change set</th>
            <th scope="col">What it does</th>
            <th scope="col">Can be rolled back</th>
            <th scope="col" className={table.end}>
              Statements
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.fileName} ${row.id} ${row.author}`}>
              <th scope="row" title={row.fileName}>
                <code>{row.id}</code>
                <span className={table.sub}>{row.author}</span>
              </th>
              <td className={table.wide}>
                {row.description}
                {row.comment ? <span className="soft"> {row.comment}</span> : null}
              </td>
              <td className={row.irreversible ? style.no : undefined}>{row.irreversible ? row.irreversible : 'Yes'}</td>
              <td className={`${table.end} number`}>{row.statements.length}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
