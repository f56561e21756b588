// The outputs of a step, as expressions of later steps can read them.
import type { ExecutionNode } from '#contract/api/execution'
import style from './execution.module.css'

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

export function StepOutput({ node }: { readonly node: ExecutionNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className={style.scroll} tabIndex={0} aria-label="Outputs">
      <dl className={style.output}>
        {Object.entries(node.output).map(([name, value]) => [
          <dt key={`${name} name`}>{name}</dt>,
          <dd key={name}>
            <pre>{shown(value)}</pre>
          </dd>,
        ])}
      </dl>
    </section>
  )
}
