// The outputs of a step, as expressions of later steps can read them: first what its document names, then what every such step tells.
import type { ExecutionNode } from '#contract/api/execution'
import { CopyButton } from '../../part/copy.tsx'
import style from './execution.module.css'

type Values = readonly (readonly [string, unknown])[]

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function StepOutput({ node }: { readonly node: ExecutionNode }) {
  const { outputVariables, ...others } = node.output
  const named = isRecord(outputVariables) ? outputVariables : {}
  const rest = isRecord(outputVariables) ? others : node.output
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className={style.scroll} tabIndex={0} aria-label="Outputs">
      <OutputList title="Output variables" values={Object.entries(named)} copies />
      <OutputList title={Object.keys(named).length > 0 ? 'Other outputs' : undefined} values={Object.entries(rest)} />
    </section>
  )
}

function OutputList({
  title,
  values,
  copies = false,
}: {
  readonly title: string | undefined
  readonly values: Values
  readonly copies?: boolean
}) {
  if (values.length === 0) return null
  return (
    <>
      {title === undefined ? null : <h3 className={style.outputTitle}>{title}</h3>}
      <dl className={style.output} aria-label={title}>
        {values.map(([name, value]) => [
          <dt key={`${name} name`}>{name}</dt>,
          <dd key={name}>
            <pre>{shown(value)}</pre>
            {copies ? <CopyButton text={shown(value)} label={`Copy ${name}`} /> : null}
          </dd>,
        ])}
      </dl>
    </>
  )
}
