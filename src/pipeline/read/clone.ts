// Reads the `spec` of a GitClone: which repository, which state of it, and where it is put.
import type { Node } from 'yaml'
import type { CloneStep } from '../document.ts'
import { pathInGroup } from '#contract/group-folder'
import { containerFields, readContainer } from './container.ts'
import { type Fields, missing, readBoolean, readChoice, readFields, readTexts, words } from './field.ts'
import type { Report } from './report.ts'
import { readExpressionText, type WorkSpec } from './work.ts'

/** Commits, unless the step says otherwise. */
const USUAL_DEPTH = 50
const builds = ['branch', 'tag', 'commitSha', 'PR'] as const
/** The field that holds the value, by the type of the build. */
const valueOf = { branch: 'branch', tag: 'tag', commitSha: 'commitSha', PR: 'number' } as const

export function readClone(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const fields = readFields(report, node, {
    what,
    known: [
      ...words('connectorRef repoName build cloneDirectory depth fetchTags sparseCheckout submoduleStrategy lfs'),
      ...words('sslVerify delegateSelectors description'),
      ...containerFields,
    ],
    unused: words('debug imagePullPolicy'),
    refused: {
      projectName: 'Write it as part of repoName.',
      preFetchCommand: 'Put it into a step of type Run before this one.',
      outputFilePathsContent: 'Read the file in a step of type Run, and give its text as an output variable.',
    },
  })
  if (!fields) return undefined
  if (!fields.values.has('connectorRef')) missing(report, fields, 'connectorRef')
  const connectorRef = readExpressionText(report, fields, 'connectorRef', owner) ?? ''
  const repoName = readExpressionText(report, fields, 'repoName', owner, { most: 1024 })
  const written = readExpressionText(report, fields, 'cloneDirectory', owner, { most: 512 })
  const directory = written === undefined ? undefined : readDirectory(report, fields, written)
  const build = readBuild(report, fields, owner)
  refuse(report, fields)
  const sparse = readTexts(report, fields, 'sparseCheckout')
  if (sparse.some((path) => path.startsWith('-') || path.includes('..')))
    report.error(fields.values.get('sparseCheckout') ?? node, 'wrong-value', 'These are no folders of a repository.')
  const work: CloneStep = {
    type: 'GitClone',
    connectorRef,
    ...(repoName ? { repoName } : {}),
    ...(build ? { build } : {}),
    ...(directory === undefined ? {} : { directory }),
    depth: readDepth(report, fields, owner),
    fetchTags: readBoolean(report, fields, 'fetchTags') ?? false,
    sparse,
    ...readSubmodules(report, fields),
    ...(readBoolean(report, fields, 'lfs') === true ? { lfs: true } : {}),
  }
  return { work, delegateSelectors: readTexts(report, fields, 'delegateSelectors'), ...readContainer(report, fields) }
}

/** With expressions as it is written: what they give is looked at when the step begins. */
function readDirectory(report: Report, fields: Fields, text: string): string {
  const path = pathInGroup(text)
  if (path === undefined)
    report.error(
      fields.values.get('cloneDirectory') ?? fields.node,
      'wrong-value',
      'The repository is put into the folder of the step group and nowhere else.',
      'Write a path without a slash at its beginning, such as `database`.',
    )
  return path === undefined || text.includes('<+') ? text : path
}

function readDepth(report: Report, fields: Fields, owner: string): number | string {
  const text = readExpressionText(report, fields, 'depth', owner)
  if (text === undefined) return USUAL_DEPTH
  if (text.includes('<+')) return text
  const depth = Number(text)
  if (Number.isInteger(depth) && depth >= 0 && depth <= 1_000_000) return depth
  report.error(
    fields.values.get('depth') ?? fields.node,
    'wrong-type',
    '`depth` is a number of commits; 0 is all of them.',
  )
  return USUAL_DEPTH
}

function readBuild(report: Report, fields: Fields, owner: string): CloneStep['build'] {
  const at = fields.values.get('build')
  if (!at) return undefined
  const build = readFields(report, at, { what: `\`build\` of ${fields.what}`, known: ['type', 'spec'] })
  if (!build) return undefined
  if (!build.values.has('type')) missing(report, build, 'type')
  const kind = readChoice(report, build, 'type', builds)
  if (kind === undefined) return undefined
  const name = valueOf[kind]
  const spec = readFields(report, build.values.get('spec'), {
    what: `\`build\` of ${fields.what}`,
    known: [name],
  })
  if (!spec) {
    if (!build.values.has('spec')) missing(report, build, 'spec')
    return undefined
  }
  if (!spec.values.has(name)) missing(report, spec, name)
  const value = readExpressionText(report, spec, name, owner) ?? ''
  return { kind, value }
}

function readSubmodules(report: Report, fields: Fields): Pick<CloneStep, 'submodules'> {
  const strategy = readChoice(report, fields, 'submoduleStrategy', ['true', 'false', 'recursive'])
  if (strategy === undefined || strategy === 'false') return {}
  return { submodules: strategy === 'true' ? 'own' : 'recursive' }
}

function refuse(report: Report, fields: Fields): void {
  const no = (name: string, message: string, fix: string): void =>
    report.error(fields.values.get(name) ?? fields.node, 'not-offered', message, fix)
  if (readBoolean(report, fields, 'sslVerify') === false)
    no('sslVerify', 'Certificates are always checked.', 'Give the delegate the authority with --ca-file.')
}
