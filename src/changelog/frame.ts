// One inclusion of a changelog file: what it hands on to the change sets and files inside it.
import type { Diagnostic } from '#contract/diagnostic'
import type { Format } from './attribute.ts'
import { type ExpandOptions, expandText, type MissingPropertyMode } from './expand.ts'
import { type Report, problem } from './finding.ts'
import type { ObjectQuotingStrategy } from './model.ts'
import type { ChangelogNode } from './node.ts'
import type { Execution, PropertyScope } from './property.ts'

export interface Frame {
  /** Normalised path of the file. */
  readonly file: string
  readonly format: Format
  /** Of its databaseChangeLog, as written, blank or not; undefined when absent. */
  readonly logicalPath: string | undefined
  readonly parent: Frame | undefined
  /** Its own, then those of the include and the files around it, nearest first. */
  readonly contextFilters: readonly string[]
  readonly labels: readonly (readonly string[])[]
  readonly ignore: boolean
  readonly quoting: ObjectQuotingStrategy
  readonly modification: Modification | undefined
  readonly scope: PropertyScope
}

/** What `modifyChangeSets` gives to change sets that do not say it themselves. */
export interface Modification {
  readonly runWith: string | undefined
  readonly runWithSpoolFile: string | undefined
  readonly stripComments: string | undefined
}

export interface ExpandSettings {
  readonly missingPropertyMode: MissingPropertyMode
  readonly supportPropertyEscaping: boolean
  readonly deploymentId: string | undefined
}

/** Expands with the properties that a place in a file sees; what goes wrong is reported at `span`. */
export function expanderOf(
  frame: Frame,
  settings: ExpandSettings,
  execution: Execution,
  report: (trouble: Pick<Diagnostic, 'code' | 'message' | 'fix'>) => void,
): (text: string) => string {
  const complete = { deploymentId: settings.deploymentId, changelogFile: frame.logicalPath ?? frame.file, ...execution }
  const options: ExpandOptions = {
    lookUp: (name) => frame.scope.lookUp(name, complete),
    missing: settings.missingPropertyMode,
    escaping: settings.supportPropertyEscaping,
    budget: frame.scope.budget,
    onTrouble(trouble, name) {
      const property = JSON.stringify(name)
      if (trouble === 'missing') {
        const fix = 'Define it, or set the missing property mode to PRESERVE.'
        report({ code: 'missing-property', message: `There is no property ${property}.`, fix })
      } else if (trouble === 'cycle') {
        const message = `The property ${property} contains itself.`
        report({ code: 'property-cycle', message, fix: 'Break the circle of properties.' })
      } else {
        const message = `The text grows beyond all measure when ${property} is expanded.`
        report({ code: 'property-too-long', message, fix: 'Let properties refer to fewer others.' })
      }
    },
  }
  return (text) => expandText(text, options)
}

/** Whether a text of the tree may hold a property. */
function mayExpand({ value, items, children }: ChangelogNode): boolean {
  if (value?.includes('${') || items?.some((item) => item.includes('${'))) return true
  for (const child of children) if (mayExpand(child)) return true
  return false
}

/** The tree with all its texts expanded; parts without properties stay the same objects. */
export function expandTree(
  node: ChangelogNode,
  frame: Frame,
  settings: ExpandSettings,
  execution: Execution,
  report: Report,
): ChangelogNode {
  // Most change sets have none, and each is looked at twice.
  if (!mayExpand(node)) return node
  let place = node.span
  const expand = expanderOf(frame, settings, execution, ({ code, message, fix }) => {
    report(problem(code, message, place, fix))
  })
  const visit = (current: ChangelogNode): ChangelogNode => {
    place = current.span
    const value = current.value === undefined ? undefined : expand(current.value)
    const items = current.items?.map(expand)
    const children = current.children.map(visit)
    const same = value === current.value && children.every((child, index) => child === current.children[index])
    if (same && (items === undefined || items.every((item, index) => item === current.items![index]))) return current
    const lines = (text: string | undefined) => text?.split('\n').length
    const { valueSpan, ...rest } = current
    const keepsLines = valueSpan && lines(value) === lines(current.value)
    return { ...rest, value, children, ...(items ? { items } : {}), ...(keepsLines ? { valueSpan } : {}) }
  }
  return visit(node)
}
