// What the XML schema of version 4.33 demands of the frame of a changelog: which elements, in which order, with which attributes.
import { problem, type Report } from './finding.ts'
import { didYouMean } from '#contract/spelling'
import { attributesOf, preconditionAttributes, visitorAttributes } from './vocabulary.ts'
import type { XmlElement } from './xml-element.ts'

const coreNamespace = 'http://www.liquibase.org/xml/ns/dbchangelog'

export function isCore(element: { readonly uri: string }): boolean {
  return element.uri === coreNamespace
}

interface Frame {
  readonly attributes: readonly string[]
  readonly required?: readonly string[]
  readonly booleans?: readonly string[]
  readonly choices?: Readonly<Record<string, readonly string[]>>
  /** Groups of children in the order in which they must come; a group may be absent. Undefined: anything, anywhere. */
  readonly order?: readonly (readonly string[])[]
  /** Elements of other namespaces may stand among the children. */
  readonly open?: boolean
  readonly text?: boolean
  /** Children that may come once only. */
  readonly once?: readonly string[]
  readonly frameOf: (child: XmlElement) => Frame | undefined
}

const nothingInside = () => undefined
const quoting = ['LEGACY', 'QUOTE_ALL_OBJECTS', 'QUOTE_ONLY_RESERVED_WORDS']
const onSqlOutput = ['TEST', 'FAIL', 'IGNORE']

const visitorFrame = (name: string): Frame | undefined => {
  if (!Object.hasOwn(visitorAttributes, name)) return undefined
  const attributes = visitorAttributes[name as keyof typeof visitorAttributes]
  return { attributes, required: attributes, order: [], frameOf: nothingInside }
}

const visitors = Object.keys(visitorAttributes)
const logic = ['and', 'or', 'not']
const conditions = [...logic, ...Object.keys(preconditionAttributes)]

const conditionFrame = (child: XmlElement): Frame | undefined => {
  if (logic.includes(child.local)) return { attributes: [], order: [conditions], open: true, frameOf: conditionFrame }
  const vocabulary = Object.hasOwn(preconditionAttributes, child.local)
    ? preconditionAttributes[child.local]
    : undefined
  if (vocabulary === undefined) return undefined
  const isCheck = child.local === 'sqlCheck'
  const required = vocabulary.required.filter((name) => name !== 'sql')
  return {
    attributes: [...required, ...vocabulary.optional],
    required,
    text: isCheck,
    order: [child.local === 'customPrecondition' ? ['param'] : []],
    frameOf: nothingInside,
  }
}

const preconditionFrame = (onProblem: readonly string[]): Frame => ({
  attributes: attributesOf.preConditions,
  choices: { onFail: onProblem, onError: onProblem, onSqlOutput },
  order: [conditions],
  open: true,
  frameOf: conditionFrame,
})

const includeFrame: Frame = {
  attributes: attributesOf.include,
  required: ['file'],
  booleans: ['relativeToChangelogFile', 'errorIfMissing'],
  order: [],
  frameOf: nothingInside,
}
const includeAllFrame: Frame = {
  attributes: attributesOf.includeAll,
  required: ['path'],
  booleans: ['relativeToChangelogFile', 'errorIfMissingOrEmpty'],
  order: [],
  frameOf: nothingInside,
}
const rollbackFrame: Frame = { attributes: attributesOf.rollback, text: true, open: true, frameOf: nothingInside }
const modifySqlFrame: Frame = {
  attributes: attributesOf.modifySql,
  booleans: ['applyToRollback'],
  order: [visitors],
  frameOf: (child) => visitorFrame(child.local),
}
const changeSetFrame: Frame = {
  attributes: attributesOf.changeSet,
  required: ['id', 'author'],
  booleans: ['runOnChange', 'runAlways', 'failOnError', 'runInTransaction', 'ignore'],
  choices: { onValidationFail: ['HALT', 'MARK_RAN'], objectQuotingStrategy: quoting },
  open: true,
  once: ['preConditions'],
  frameOf(child) {
    if (child.local === 'preConditions') return preconditionFrame(['HALT', 'WARN', 'CONTINUE', 'MARK_RAN'])
    if (child.local === 'modifySql') return modifySqlFrame
    return child.local === 'rollback' ? rollbackFrame : undefined
  },
}
const logFrames: Readonly<Record<string, Frame>> = {
  removeChangeSetProperty: { attributes: attributesOf.removeChangeSetProperty, order: [], frameOf: nothingInside },
  property: {
    attributes: attributesOf.property,
    booleans: ['relativeToChangelogFile', 'errorIfMissing', 'global'],
    order: [],
    frameOf: nothingInside,
  },
  preConditions: preconditionFrame(['HALT', 'WARN']),
  changeSet: changeSetFrame,
  include: includeFrame,
  includeAll: includeAllFrame,
  modifyChangeSets: {
    attributes: attributesOf.modifyChangeSets,
    booleans: ['stripComments'],
    order: [['include', 'includeAll']],
    frameOf(child) {
      if (child.local === 'include') return includeFrame
      return child.local === 'includeAll' ? includeAllFrame : undefined
    },
  },
}
const rootFrame: Frame = {
  attributes: attributesOf.databaseChangeLog,
  choices: { objectQuotingStrategy: quoting },
  order: [
    ['removeChangeSetProperty'],
    ['property'],
    ['preConditions'],
    ['changeSet', 'include', 'includeAll', 'modifyChangeSets'],
  ],
  once: ['preConditions'],
  frameOf: (child) => (Object.hasOwn(logFrames, child.local) ? logFrames[child.local] : undefined),
}

/** Reports every place where the frame of a changelog differs from the schema. Changes themselves are not looked at. */
export function checkStructure(root: XmlElement, report: Report): void {
  check(root, rootFrame, report)
}

function check(element: XmlElement, frame: Frame, report: Report): void {
  checkAttributes(element, frame, report)
  if (element.text !== undefined && !frame.text) {
    const message = `<${element.local}> cannot hold text.`
    report(
      problem(
        'unexpected-text',
        message,
        element.textSpan ?? element.span,
        'Put the text into an element, or remove it.',
      ),
    )
  }
  if (frame === changeSetFrame) checkChangeSetOrder(element, report)
  else if (frame === rollbackFrame) checkRollback(element, report)
  else checkOrder(element, frame, report)
  for (const name of frame.once ?? []) {
    const [, again] = element.children.filter((child) => isCore(child) && child.local === name)
    if (again) report(problem('wrong-order', `<${name}> may stand here only once.`, again.span, 'Merge the two.'))
  }
  for (const child of element.children) {
    const inner = isCore(child) ? frame.frameOf(child) : undefined
    if (inner) check(child, inner, report)
  }
}

function checkAttributes(element: XmlElement, frame: Frame, report: Report): void {
  for (const attribute of element.attributes.filter(({ uri }) => uri === '')) {
    const { local, value, span } = attribute
    if (!frame.attributes.includes(local)) {
      const fix = `Remove it.${didYouMean(local, frame.attributes)} <${element.local}> knows ${frame.attributes.join(', ') || 'no attributes'}.`
      report(problem('unknown-attribute', `<${element.local}> has no attribute ${JSON.stringify(local)}.`, span, fix))
    }
    const collapsed = value.trim()
    if (frame.booleans?.includes(local) && !/^(?:true|false|0|1|\$\{[\w.]+\})$/.test(collapsed)) {
      report(problem('bad-boolean', `${JSON.stringify(value)} is not a boolean.`, span, 'Write true or false.'))
    }
    const choices = frame.choices?.[local]
    if (choices && !choices.includes(value)) {
      const message = `${local} cannot be ${JSON.stringify(value)}.`
      report(problem('bad-value', message, span, `Write one of ${choices.join(', ')}.${didYouMean(value, choices)}`))
    }
  }
  for (const name of frame.required ?? []) {
    if (element.attributes.some(({ local, uri }) => local === name && uri === '')) continue
    report(
      problem('missing-attribute', `<${element.local}> needs the attribute ${name}.`, element.span, `Add ${name}="…".`),
    )
  }
}

function checkOrder(element: XmlElement, frame: Frame, report: Report): void {
  const { order } = frame
  if (order === undefined) return
  let reached = 0
  for (const child of element.children) {
    if (!isCore(child) && frame.open) continue
    const group = isCore(child) ? order.findIndex((names) => names.includes(child.local)) : -1
    if (group < 0) {
      const known = order.flat()
      const fix = known.length === 0 ? 'Remove it.' : `Use one of ${known.join(', ')}.${didYouMean(child.local, known)}`
      report(problem('unknown-element', `<${element.local}> cannot hold <${child.local}>.`, child.span, fix))
    } else if (group < reached) {
      const later = order[reached]!.join(', ')
      const message = `<${child.local}> comes too late in <${element.local}>: it must stand before ${later}.`
      report(problem('wrong-order', message, child.span, `Move it up, before the first ${later}.`))
    } else reached = group
  }
}

const wrappers = ['changes', 'validCheckSums', 'preconditions']

/** validCheckSum*, preConditions?, then either one tagDatabase or changes, comment and rollback in any order, then modifySql*. */
function checkChangeSetOrder(element: XmlElement, report: Report): void {
  let reached = 0
  let body: string | undefined
  for (const child of element.children) {
    const name = isCore(child) ? child.local : ''
    if (wrappers.includes(name)) {
      const message = `<changeSet> cannot hold <${name}> in XML.`
      const fix =
        name === 'changes' ? 'Put the changes directly into <changeSet>.' : `Write <${name.replace(/s$/, '')}>.`
      report(problem('unknown-element', message, child.span, name === 'preconditions' ? 'Write <preConditions>.' : fix))
      continue
    }
    const group = name === 'validCheckSum' ? 0 : name === 'preConditions' ? 1 : name === 'modifySql' ? 3 : 2
    if (group < reached) {
      const after =
        reached === 3 ? 'modifySql' : reached === 2 ? 'the first change, comment or rollback' : 'preConditions'
      const message = `<${child.local}> must stand before ${after}.`
      report(problem('wrong-order', message, child.span, `Move <${child.local}> up, before ${after}.`))
    } else reached = group
    if (group !== 2) continue
    if (body !== undefined && (name === 'tagDatabase' || body === 'tagDatabase')) {
      const message = '<tagDatabase> must be alone in its change set, without other changes, comment or rollback.'
      report(problem('wrong-order', message, child.span, 'Move <tagDatabase> into a change set of its own.'))
    }
    body = name
  }
}

function checkRollback(element: XmlElement, report: Report): void {
  for (const child of element.children) {
    if (
      isCore(child) &&
      ['tagDatabase', 'modifySql', 'preConditions', 'validCheckSum', 'changes'].includes(child.local)
    ) {
      const message = `<rollback> cannot hold <${child.local}>.`
      report(problem('unknown-element', message, child.span, 'Put changes into <rollback>, or remove it.'))
    }
  }
}
