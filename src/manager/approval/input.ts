// What approvers give, by the rules of the step.
import type { ApproverInput } from '#pipeline/document'
import { problemOfValue } from '#pipeline/read/input-declaration'
import { Fault } from '#contract/fault'
import type { ApprovalRow } from './view.ts'

/** What approvers gave so far and now, by the rules of the step; the last one wins. Raises `invalid-input`. */
export function mergeInputs(
  row: ApprovalRow,
  offered: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const declared = row.inputs as readonly ApproverInput[]
  const unknown = Object.keys(offered ?? {}).find((name) => !declared.some((input) => input.name === name))
  if (unknown !== undefined)
    throw new Fault('invalid-input', `The approval asks for no input ${unknown.slice(0, 128)}.`)
  const before = row.given_inputs as Readonly<Record<string, string>>
  const given = declared.flatMap((input): [string, string][] => {
    const { name, required, default: fallback } = input
    const value = offered?.[name] ?? before[name] ?? fallback ?? ''
    if (value === '' && required) throw new Fault('invalid-input', `The input ${name} is missing.`)
    const problem = value === '' ? undefined : problemOfValue(input, value)
    if (problem !== undefined) throw new Fault('invalid-input', `The input ${name} ${problem}.`)
    return [[name, value]]
  })
  return Object.fromEntries(given)
}
