// Substitution properties of a DB instance: expressions get their values here, except secrets, which the delegate opens.
import { secretExpression } from '#contract/delegate/secret-expression'
import { Fault } from '#contract/fault'
import { resolveSecretText } from '#pipeline/program'
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
  const state = (id: string) => {
    const found = run.state.nodes[id]
    if (!found) throw new Error(`The state has no node ${id}.`)
    return found
  }
  const found = resolveSecretText({ graph: run.graph, facts: run.state.facts, node: state }, node, text)
  if ('unresolved' in found) throw refuse(`${found.unresolved}: ${found.because}`)
  // A value that looks like one, alone or with what stands beside it, would be read as one by the delegate.
  const around = found.parts.map((part) => (typeof part === 'string' ? part : '\0')).join('')
  if (/<\+\s*secrets\b/.test(around)) throw refuse('secrets are read as <+secrets.getValue("id")>')
  return found.parts.map((part) => (typeof part === 'string' ? part : secretExpression(part.secret))).join('')
}
