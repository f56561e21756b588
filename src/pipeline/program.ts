// Steps that open no database: from the document to what a delegate is told, and from an answer to what later steps read.
import { isProgramWork, type SecretText } from '#contract/delegate/program-work'
import { runSecret } from '#contract/delegate/run-secret'
import { secretsIn } from '#contract/delegate/secret-expression'
import type { CloneStep, HttpStep, ProgramStep, ScriptStep, Work } from './document.ts'
import { parseTemplate } from './expression/template.ts'
import { asText } from './expression/value.ts'
import { locate } from './locate.ts'
import { resolveCondition, resolveText, resolveValue, type Unresolved, type Values } from './resolve.ts'
import { secretOutputOf } from './secret-output.ts'
import type { Output, ResolvedProgram } from './state.ts'
import { isSecret, variableOf } from './variable.ts'

export const isProgramStep = (work: Work): work is ProgramStep => isProgramWork(work)

/** The text with its expressions replaced and its secrets told apart: a value is never read as an expression again. */
export function resolveSecretText(
  values: Values,
  owner: string,
  text: string,
  /** Variables of type Secret whose values this text is part of. */
  within: readonly string[] = [],
): { readonly parts: SecretText } | Unresolved {
  const template = parseTemplate(text)
  if ('problem' in template) return { unresolved: template.part, because: template.problem }
  const parts: SecretText = []
  for (const part of template.parts) {
    if (typeof part === 'string') {
      parts.push(part)
      continue
    }
    const { syntax, raw } = part
    const output = syntax.kind === 'path' ? secretOutput(values, owner, syntax.path) : undefined
    if (output) {
      const given = values.node(output.node).output['outputVariables'] as Readonly<Record<string, unknown>> | undefined
      if (given?.[output.name] === undefined)
        return { unresolved: raw, because: `${output.node} gave no output ${output.name}`, source: output.node }
      parts.push({ secret: runSecret(output.node, output.name) })
      continue
    }
    const variable = syntax.kind === 'path' ? secretVariable(values, owner, syntax.path) : undefined
    if (variable) {
      const found = resolveSecretVariable(values, raw, variable, within)
      if ('unresolved' in found) return found
      parts.push(...found.parts)
      continue
    }
    const found = resolveText(values, owner, raw)
    if ('unresolved' in found) return found
    if (syntax.kind !== 'secret') parts.push(found.text)
    else {
      const [secret] = secretsIn(found.text)
      if (secret === undefined) return { unresolved: raw, because: howToRead }
      parts.push({ secret })
    }
  }
  return { parts }
}

const howToRead = 'secrets are read as <+secrets.getValue("id")>'

function secretOutput({ graph }: Values, owner: string, path: readonly string[]) {
  const located = locate(graph, owner, path)
  return 'unknown' in located ? undefined : secretOutputOf(graph, located)
}

interface SecretVariable {
  readonly owner: string
  readonly name: string
  /** The identifier of a secret, or a text with an expression for one. */
  readonly value: string
}

function secretVariable({ graph }: Values, owner: string, path: readonly string[]): SecretVariable | undefined {
  const located = locate(graph, owner, path)
  if ('unknown' in located || located.kind !== 'variable') return undefined
  if (!isSecret(graph, located.owner, located.name)) return undefined
  return { ...located, value: variableOf(graph, located.owner, located.name)?.value ?? '' }
}

/** What stands around the secret belongs to the value. */
function resolveSecretVariable(
  values: Values,
  raw: string,
  { owner, name, value }: SecretVariable,
  within: readonly string[],
): { readonly parts: SecretText } | Unresolved {
  if (!value.includes('<+')) return { parts: [{ secret: value }] }
  const key = `${owner} ${name}`
  if (within.includes(key)) return { unresolved: raw, because: 'its value refers to itself' }
  const found = resolveSecretText(values, owner, value, [...within, key])
  if ('unresolved' in found || found.parts.some((part) => typeof part !== 'string')) return found
  return { unresolved: raw, because: howToRead }
}

export function resolveProgram(
  values: Values,
  owner: string,
  step: ProgramStep,
): { readonly work: ResolvedProgram } | Unresolved {
  if (step.type === 'GitClone') return resolveClone(values, owner, step)
  return step.type === 'Http' ? resolveHttp(values, owner, step) : resolveScript(values, owner, step)
}

function resolveClone(values: Values, owner: string, step: CloneStep): { readonly work: CloneStep } | Unresolved {
  const texts: Record<string, string> = {}
  const { connectorRef, repoName, directory, build, depth } = step
  const written = { connectorRef, repoName, directory, build: build?.value, depth: String(depth) }
  for (const [name, text] of Object.entries(written)) {
    const found = text === undefined ? undefined : resolveText(values, owner, text)
    if (found && 'unresolved' in found) return found
    if (found) texts[name] = found.text
  }
  const { build: value = '', depth: commits = '0', ...rest } = texts
  const number = Number(commits)
  if (!Number.isInteger(number) || number < 0 || number > 1_000_000)
    return { unresolved: String(depth), because: 'it is no number of commits' }
  return { work: { ...step, ...rest, ...(build ? { build: { ...build, value } } : {}), depth: number } }
}

function resolveScript(
  values: Values,
  owner: string,
  step: ScriptStep,
): { readonly work: ResolvedProgram } | Unresolved {
  const script = resolveSecretText(values, owner, step.script)
  if ('unresolved' in script) return script
  const environment: Record<string, SecretText> = {}
  for (const [name, text] of Object.entries(step.environment)) {
    const value = resolveSecretText(values, owner, text)
    if ('unresolved' in value) return value
    environment[name] = value.parts
  }
  const { type, shell, outputs } = step
  const image = step.image === undefined ? undefined : resolveText(values, owner, step.image)
  if (image && 'unresolved' in image) return image
  const rest = { outputs: [...outputs], ...(image ? { image: image.text } : {}) }
  return { work: { type, shell, script: script.parts, environment, ...rest } }
}

function resolveHttp(values: Values, owner: string, step: HttpStep): { readonly work: ResolvedProgram } | Unresolved {
  const url = resolveSecretText(values, owner, step.url)
  if ('unresolved' in url) return url
  const headers: { name: string; value: SecretText }[] = []
  for (const { name, value } of step.headers) {
    const found = resolveSecretText(values, owner, value)
    if ('unresolved' in found) return found
    headers.push({ name, value: found.parts })
  }
  const optional: { [Name in 'body' | 'certificate' | 'certificateKey']?: SecretText } = {}
  for (const name of ['body', 'certificate', 'certificateKey'] as const) {
    const text = step[name]
    const found = text === undefined ? undefined : resolveSecretText(values, owner, text)
    if (found && 'unresolved' in found) return found
    if (found) optional[name] = found.parts
  }
  const { type, method } = step
  return { work: { type, method, url: url.parts, headers, ...optional } }
}

/** What an answer means: its output variables, or why it is a failure. `values` hold the answer as the output of the step. */
export function judgeAnswer(
  values: Values,
  owner: string,
  { assertion, outputs }: HttpStep,
): { readonly outputVariables: Output } | { readonly problem: string } {
  const code = Number(values.node(owner).output['httpResponseCode'])
  if (assertion === undefined && code >= 400) return { problem: `the answer has status ${code}` }
  if (assertion !== undefined && !resolveCondition(values, owner, assertion))
    return { problem: `the answer, with status ${code}, does not meet the assertion ${assertion.slice(0, 256)}` }
  const outputVariables: Record<string, string> = {}
  for (const { name, value } of outputs) {
    const found = resolveValue(values, owner, value)
    const because = 'unresolved' in found ? found.because : 'the answer does not have it'
    if ('unresolved' in found || found.value === null) return { problem: `the output ${name} has no value: ${because}` }
    outputVariables[name] = asText(found.value)
  }
  return { outputVariables }
}
