// modifySql: texts that are put before, after or in place of parts of the generated SQL.
import { booleanOf, contextFilterOf, doubtUnknown, type Format, textOf } from './attribute.ts'
import { splitDbms } from './dbms.ts'
import { doubt, problem, type Report } from './finding.ts'
import { splitLabels } from './label.ts'
import type { SqlVisitor } from './model.ts'
import type { ChangelogNode } from './node.ts'
import { didYouMean } from '#contract/spelling'
import { attributesOf, visitorAttributes } from './vocabulary.ts'

/** The visitors of one `modifySql`, in order. What a visitor says itself goes before what the element says. */
export function readModifySql(node: ChangelogNode, format: Format, report: Report): readonly SqlVisitor[] {
  const attributes = attributesOf.modifySql.map((name) => name.toLowerCase())
  const own = node.children.filter((child) => !attributes.includes(child.name.toLowerCase()))
  return own.map((child) => readVisitor(child, node, format, report)).filter((visitor) => visitor !== undefined)
}

function readVisitor(
  node: ChangelogNode,
  parent: ChangelogNode,
  format: Format,
  report: Report,
): SqlVisitor | undefined {
  if (!Object.hasOwn(visitorAttributes, node.name)) {
    const known = [...Object.keys(visitorAttributes), ...attributesOf.modifySql]
    const message = `modifySql knows no ${JSON.stringify(node.name)}; it is ignored.`
    const fix = `Use one of ${Object.keys(visitorAttributes).join(', ')}.${didYouMean(node.name, known)}`
    report(doubt('unknown-visitor', message, node.span, fix))
    return undefined
  }
  const type = node.name as keyof typeof visitorAttributes
  const isReplacement = type === 'replace' || type === 'regExpReplace'
  doubtUnknown(node, [...visitorAttributes[type], ...attributesOf.modifySql], report)
  for (const name of visitorAttributes[type]) {
    // An empty `with` deletes what it finds.
    if (textOf(node, name, report) !== undefined) continue
    const message = `${type} needs ${name}.`
    const make = format === 'xml' ? problem : doubt
    report(make('missing-attribute', message, node.span, `Write ${type}: {${name}: …}.`))
  }
  const pick = (name: string) => textOf(node, name, report) ?? textOf(parent, name, report)
  const holder = textOf(node, 'applyToRollback', report) === undefined ? parent : node
  return {
    type,
    value: isReplacement ? '' : (textOf(node, 'value', report) ?? ''),
    replace: isReplacement ? (textOf(node, 'replace', report) ?? '') : '',
    with: isReplacement ? (textOf(node, 'with', report) ?? '') : '',
    dbms: splitDbms(pick('dbms')),
    contextFilter: contextFilterOf(node, report) || contextFilterOf(parent, report),
    labels: splitLabels(pick('labels')),
    applyToRollback: booleanOf(holder, 'applyToRollback', { format, otherwise: false }, report),
    span: node.span,
  }
}
