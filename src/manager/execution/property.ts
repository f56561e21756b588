// Substitution properties of a DB instance: expressions get their values here, except secrets, which the delegate opens.
import { hasOtherSecretExpression, secretExpression } from '#contract/delegate/secret-expression'
import { Fault } from '#contract/fault'
import { parseTemplate } from '#pipeline/expression/template'
import { locate } from '#pipeline/locate'
import { resolveText } from '#pipeline/resolve'
import { isSecret, variableOf } from '#pipeline/variable'
import type { Run } from './run.ts'

/** Raises `invalid-input` for an expression without a value. Values of secrets are not looked at here. */
export function resolveProperties(
  run: Run,
  node: string,
  instance: string,
  properties: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, text]) => [
      name,
      text.includes('<+') ? resolveOne(run, node, text, refuse) : text,
    ]),
  )
  function refuse(because: string): Fault {
    return new Fault(
      'invalid-input',
      `An expression in a property of the DB instance ${instance} has no value: ${because}.`,
      {
        hint: 'Correct the expression, or write the value.',
      },
    )
  }
}

function resolveOne(run: Run, node: string, text: string, refuse: (because: string) => Fault): string {
  const template = parseTemplate(text)
  if ('problem' in template) throw refuse(template.problem)
  const state = (id: string) => {
    const found = run.state.nodes[id]
    if (!found) throw new Error(`The state has no node ${id}.`)
    return found
  }
  const values = { graph: run.graph, facts: run.state.facts, node: state }
  const resolved = template.parts
    .map((part) => {
      if (typeof part === 'string') return part
      const secret = part.syntax.kind === 'path' ? secretVariable(run, node, part.syntax.path) : undefined
      if (secret !== undefined) return secretExpression(secret)
      const found = resolveText(values, node, part.raw)
      if ('unresolved' in found) throw refuse(`${found.unresolved}: ${found.because}`)
      return found.text
    })
    .join('')
  if (hasOtherSecretExpression(resolved)) throw refuse('secrets are read as <+secrets.getValue("id")>')
  return resolved
}

/** The reference that a variable of type Secret holds: its value is the identifier of a secret, or the expression for it. */
function secretVariable(run: Run, node: string, path: readonly string[]): string | undefined {
  const located = locate(run.graph, node, path)
  if ('unknown' in located || located.kind !== 'variable') return undefined
  if (!isSecret(run.graph, located.owner, located.name)) return undefined
  const value = variableOf(run.graph, located.owner, located.name)?.value ?? ''
  return /^(?:account\.|org\.)?[a-zA-Z_]\w{0,127}$/.test(value) ? value : undefined
}
