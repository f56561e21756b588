// Reads the `spec` of steps that open no database: ShellScript, Run and Http.
import type { Node } from 'yaml'
import { httpMethods, type Shell, variableNamePattern } from '#contract/delegate/program-work'
import type { OutputVariable } from '../document.ts'
import { containerFields, readContainer, unusedContainerFields } from './container.ts'
import {
  type Fields,
  missing,
  readBoolean,
  readChoice,
  readFields,
  readItems,
  readText,
  readTextMap,
  readTexts,
  words,
} from './field.ts'
import type { Report, WrittenText } from './report.ts'
import { readImage, type WorkSpec } from './work.ts'

/** Characters. */
const LONGEST_SCRIPT = 131_072
const LONGEST_BODY = 262_144
const MOST_ENTRIES = 100
const elsewhere = 'Scripts run on a delegate; select it with delegateSelectors.'

export function readShellScript(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const fields = readFields(report, node, {
    what,
    known: words('shell source environmentVariables outputVariables onDelegate delegateSelectors description'),
    refused: {
      executionTarget: elsewhere,
      includeInfraSelectors: elsewhere,
      outputAlias: 'Read the output as <+execution.steps.….output.outputVariables.….',
    },
  })
  if (!fields) return undefined
  if (readBoolean(report, fields, 'onDelegate') === false)
    report.error(fields.values.get('onDelegate') ?? node, 'not-offered', 'Scripts run on a delegate only.', elsewhere)
  if (!fields.values.has('shell')) missing(report, fields, 'shell')
  const shell = readChoice(report, fields, 'shell', ['Bash', 'PowerShell'])
  const script = readSource(report, fields, owner)
  const environment = readNamedTexts(report, fields, 'environmentVariables', owner)
  const outputs = readOutputs(report, fields, true)
  if (script === undefined) return undefined
  const work = { type: 'ShellScript', shell: shellOf(shell ?? 'Bash'), script, environment, outputs } as const
  return { work, delegateSelectors: readTexts(report, fields, 'delegateSelectors') }
}

function readSource(report: Report, fields: Fields, owner: string): string | undefined {
  if (!fields.values.has('source')) missing(report, fields, 'source')
  const source = readFields(report, fields.values.get('source'), {
    what: `\`source\` of ${fields.what}`,
    known: ['type', 'spec'],
  })
  if (!source) return undefined
  if (!source.values.has('type')) missing(report, source, 'type')
  const type = readText(report, source, 'type')
  if (type !== undefined && type !== 'Inline')
    report.error(
      source.values.get('type') ?? source.node,
      'not-offered',
      `A script from a file store is not offered.`,
      'Write it with type Inline, or run a file of a repository.',
    )
  const spec = readFields(report, source.values.get('spec'), {
    what: `the script of ${fields.what}`,
    known: ['script'],
  })
  if (!spec) {
    if (!source.values.has('spec')) missing(report, source, 'spec')
    return undefined
  }
  return readSecretText(report, spec, 'script', owner, { required: true, most: LONGEST_SCRIPT })
}

const shellsOfRun = words('Sh Bash Powershell Pwsh Python')

export function readRun(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const fields = readFields(report, node, {
    what,
    known: [
      ...words('command shell image envVariables outputVariables delegateSelectors description'),
      ...containerFields,
    ],
    unused: [...unusedContainerFields, 'registryRef'],
    refused: {
      reports: 'Let the script send them where they are read.',
      outputAlias: 'Read the output as <+execution.steps.….output.outputVariables.….',
    },
  })
  if (!fields) return undefined
  const script = readSecretText(report, fields, 'command', owner, { required: true, most: LONGEST_SCRIPT })
  const shell = readChoice(report, fields, 'shell', shellsOfRun) ?? 'Sh'
  const image = readImage(report, fields, owner)
  const environment = readTextMap(report, fields, 'envVariables')
  const at = fields.values.get('envVariables')
  if (at) for (const [name, text] of Object.entries(environment)) claim(report, at, name, text, owner)
  const outputs = readOutputs(report, fields, false)
  if (script === undefined) return undefined
  const work = { type: 'Run', shell: shellOf(shell), script, environment, outputs, ...image } as const
  const delegateSelectors = readTexts(report, fields, 'delegateSelectors')
  return { work, delegateSelectors, ...readContainer(report, fields) }
}

function shellOf(text: string): Shell {
  return text === 'Bash' || text === 'Sh' || text === 'Python' ? text : 'Pwsh'
}

export function readHttp(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const fields = readFields(report, node, {
    what,
    known: words(
      'url method headers requestBody assertion outputVariables certificate certificateKey delegateSelectors description',
    ),
    refused: {
      inputVariables: 'Use variables of the stage or pipeline.',
    },
  })
  if (!fields) return undefined
  const url = readSecretText(report, fields, 'url', owner, { required: true, most: 4096 })
  if (!fields.values.has('method')) missing(report, fields, 'method')
  const method = readChoice(report, fields, 'method', httpMethods)
  const body = readSecretText(report, fields, 'requestBody', owner, { most: LONGEST_BODY })
  const assertion = readText(report, fields, 'assertion')
  const at = fields.values.get('assertion')
  if (assertion && at) report.texts.push({ text: assertion, at, owner, kind: 'condition', afterwards: true })
  const outputs = readAnswerOutputs(report, fields, owner)
  const headers = readHeaders(report, fields, owner)
  if (url === undefined || method === undefined) return undefined
  const optional = {
    ...(body === undefined ? {} : { body }),
    ...(assertion ? { assertion } : {}),
    ...readCertificate(report, fields, owner),
  }
  const work = { type: 'Http', method, url, headers, outputs, ...optional } as const
  return { work, delegateSelectors: readTexts(report, fields, 'delegateSelectors') }
}

/** That the server asks for. The key is never a part of the document, which many people read. */
function readCertificate(report: Report, fields: Fields, owner: string) {
  const certificate = readSecretText(report, fields, 'certificate', owner, { most: 65_536 })
  const certificateKey = readSecretText(report, fields, 'certificateKey', owner, { most: 65_536 })
  const at = fields.values.get('certificateKey')
  if (at && certificateKey && !certificateKey.includes('<+'))
    report.error(at, 'wrong-value', 'A key is a secret.', 'Write <+secrets.getValue("…")> and keep it there.')
  if (!certificate || !certificateKey) {
    if (certificate || certificateKey) missing(report, fields, certificate ? 'certificateKey' : 'certificate')
    return {}
  }
  return { certificate, certificateKey }
}

function readHeaders(report: Report, fields: Fields, owner: string) {
  const headers: { readonly name: string; readonly value: string }[] = []
  for (const item of limited(report, fields, 'headers')) {
    const header = readFields(report, item, { what: `a header of ${fields.what}`, known: ['key', 'value'] })
    const name = header && readText(report, header, 'key', { required: true, most: 256 })
    if (!header || name === undefined) continue
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
      report.error(header.values.get('key') ?? header.node, 'wrong-value', 'This is not the name of a header.')
    headers.push({ name, value: readSecretText(report, header, 'value', owner, { most: 8192 }) ?? '' })
  }
  return headers
}

function readAnswerOutputs(report: Report, fields: Fields, owner: string) {
  const outputs: { readonly name: string; readonly value: string }[] = []
  for (const item of limited(report, fields, 'outputVariables')) {
    const inner = readOutput(report, fields, item)
    if (!inner) continue
    if (readText(report, inner.fields, 'type') === 'Secret')
      report.error(
        inner.fields.values.get('type') ?? inner.fields.node,
        'not-offered',
        'A part of an answer is no secret: the answer is an output itself, and shown to people.',
        'Send the request in a step of type Run, and give its output the type Secret.',
      )
    const value = readText(report, inner.fields, 'value', { required: true }) ?? ''
    const at = inner.fields.values.get('value')
    if (at) report.texts.push({ text: value, at, owner, kind: 'text', afterwards: true })
    outputs.push({ name: inner.name, value })
  }
  return outputs
}

/** In a ShellScript `value` names the variable of the shell; in a Run it is that of the same name. */
function readOutputs(report: Report, fields: Fields, hasValue: boolean): readonly OutputVariable[] {
  const outputs: OutputVariable[] = []
  for (const item of limited(report, fields, 'outputVariables')) {
    const inner = readOutput(report, fields, item)
    if (!inner) continue
    const secret = readText(report, inner.fields, 'type') === 'Secret'
    if (secret && !variableNamePattern.test(inner.name))
      report.error(inner.fields.node, 'bad-identifier', 'The name of a secret output has letters, digits and _ only.')
    const written = readText(report, inner.fields, 'value', { most: 128 })
    const variable = (hasValue ? written : undefined) ?? written ?? inner.name
    if (!variableNamePattern.test(variable))
      report.error(
        inner.fields.values.get('value') ?? inner.fields.node,
        'bad-identifier',
        `\`${variable.slice(0, 128)}\` is not the name of a variable.`,
        'Write the name without $.',
      )
    outputs.push({ name: inner.name, variable, ...(secret ? { secret } : {}) })
  }
  return outputs
}

function readOutput(report: Report, fields: Fields, item: Node) {
  const inner = readFields(report, item, {
    what: `an output variable of ${fields.what}`,
    known: ['name', 'type', 'value', 'description', 'required'],
  })
  const name = inner && readText(report, inner, 'name', { required: true, most: 128 })
  if (!inner || name === undefined) return undefined
  readChoice(report, inner, 'type', ['String', 'Number', 'Secret'])
  return { fields: inner, name }
}

function readNamedTexts(report: Report, fields: Fields, field: string, owner: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const item of limited(report, fields, field)) {
    const inner = readFields(report, item, {
      what: `a variable of ${fields.what}`,
      known: ['name', 'type', 'value', 'description', 'required'],
    })
    const name = inner && readText(report, inner, 'name', { required: true, most: 128 })
    if (!inner || name === undefined) continue
    const type = readChoice(report, inner, 'type', ['String', 'Number', 'Secret'])
    const text = readText(report, inner, 'value', { most: 65_536 }) ?? ''
    const at = inner.values.get('value') ?? inner.node
    // The identifier of a secret, or the expression for it.
    const value = type === 'Secret' && text !== '' && !text.includes('<+') ? `<+secrets.getValue("${text}")>` : text
    claim(report, at, name, value, owner)
    if (Object.hasOwn(found, name)) report.error(at, 'duplicate-identifier', `Two variables are called \`${name}\`.`)
    Object.defineProperty(found, name, { value, enumerable: true })
  }
  return found
}

function claim(report: Report, at: Node, name: string, text: string, owner: string): void {
  if (!variableNamePattern.test(name))
    report.error(at, 'bad-identifier', `\`${name.slice(0, 128)}\` is not the name of an environment variable.`)
  report.texts.push({ text, at, owner, kind: 'script' })
}

function limited(report: Report, fields: Fields, name: string): readonly Node[] {
  const items = readItems(report, fields, name)
  if (items.length > MOST_ENTRIES)
    report.error(
      fields.values.get(name) ?? fields.node,
      'too-large',
      `\`${name}\` has more than ${MOST_ENTRIES} entries.`,
    )
  return items
}

function readSecretText(
  report: Report,
  fields: Fields,
  name: string,
  owner: string,
  rule: { readonly required?: true; readonly most: number },
): string | undefined {
  const text = readText(report, fields, name, rule)
  const at = fields.values.get(name)
  if (text === undefined || !at) return text
  report.texts.push({ text, at, owner, kind: 'script' } satisfies WrittenText)
  if ((name === 'script' || name === 'command') && /<\+\s*(?:trigger|eventPayload)\b/.test(text))
    report.warning(
      at,
      'expression-in-script',
      'What a trigger tells becomes part of this script: whoever names a branch can write commands.',
      'Give it as an environment variable, and read that in quotes.',
    )
  return text
}
