// Makes a change type out of its table of fields and the few functions that are its own.
import type { ChangelogNode } from '#changelog/node'
import type { Diagnostic, Span } from '#contract/diagnostic'
import type { ChangeContext, ChangeType, ChecksumForm } from './change.ts'
import { md5OfText } from './digest.ts'
import { type AttributesOf, type Fields, type Reading, fieldReader, printFields, report } from './field.ts'
import { type PrintedObject, serialise } from './serialise.ts'
import type { Statement } from './statement.ts'

export interface Definition<F extends Fields> {
  readonly name: string
  readonly fields: F
  /** Short names of databases that cannot do it at all. */
  readonly notOn?: readonly string[]
  /** Attributes that some databases (short names) refuse, as the original engine validates them. */
  readonly notAllowed?: { readonly [Name in keyof F]?: NotAllowed }
  /** Scripts warn that its SQL may change from run to run. */
  readonly volatile?: boolean
  /** Rules beyond single fields. */
  check?(attributes: AttributesOf<F>, reading: Reading): void
  statements(
    attributes: AttributesOf<F>,
    context: ChangeContext,
    span: Span,
  ): readonly Statement[] | Promise<readonly Statement[]>
  /** Absent: it has no automatic inverse. */
  inverse?(attributes: AttributesOf<F>, dbms: string, span: Span): readonly ChangelogNode[] | string
  /** The attributes as the checksum sees them, where that is not as they were written. */
  hashed?(attributes: AttributesOf<F>, form: ChecksumForm): AttributesOf<F>
  /** Of the change alone; `printed` are its attributes in the form that is hashed by default. */
  checksum?(
    attributes: AttributesOf<F>,
    form: ChecksumForm,
    context: ChangeContext,
    printed: PrintedObject,
  ): Promise<string>
}

export interface NotAllowed {
  readonly on: readonly string[]
  /** Written out as `false` it is accepted. */
  readonly onlyTrue?: boolean
}

export function defineChange<F extends Fields>(definition: Definition<F>): ChangeType<AttributesOf<F>> {
  const { name, fields } = definition
  const read = fieldReader(fields)
  const print = (attributes: AttributesOf<F>, form: ChecksumForm): PrintedObject => ({
    kind: 'object',
    fields: printFields(fields, definition.hashed?.(attributes, form) ?? attributes, form),
  })
  return {
    name,
    volatile: definition.volatile ?? false,
    parse: (node, dbms) => parse(definition, read, node, dbms),
    statements: async (attributes, context, span) => await definition.statements(attributes, context, span),
    inverse: (attributes, dbms, span) => definition.inverse?.(attributes, dbms, span) ?? noInverse(name),
    dbmsFilter: (attributes) => textAttribute(attributes, 'dbms'),
    named: (attributes) =>
      Object.entries(attributes).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    print,
    checksum: async (attributes, form, context) => {
      const printed = print(attributes, form)
      const own = await definition.checksum?.(attributes, form, context, printed)
      return own ?? `${form.version}:${md5OfText(serialise(name, printed))}`
    },
  }
}

export const noInverse = (name: string): string =>
  `"${name}" has no automatic rollback: it cannot be known what was there before. Add a rollback block.`

function textAttribute(attributes: object, name: string): string | undefined {
  const value = (attributes as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value : undefined
}

function parse<F extends Fields>(
  definition: Definition<F>,
  read: (reading: Reading) => AttributesOf<F>,
  node: ChangelogNode,
  dbms: string,
) {
  const diagnostics: Diagnostic[] = []
  const reading: Reading = { node, title: definition.name, dbms, report: (found) => diagnostics.push(found) }
  const attributes = read(reading)
  if (definition.notOn?.includes(dbms)) reportUnsupported(reading)
  else reportNotAllowed(definition.notAllowed ?? {}, reading)
  definition.check?.(attributes, reading)
  return { attributes, diagnostics }
}

function reportNotAllowed(rules: Readonly<Record<string, NotAllowed | undefined>>, reading: Reading): void {
  const { node, dbms } = reading
  for (const [name, rule] of Object.entries(rules)) {
    if (!rule?.on.includes(dbms)) continue
    const child = node.children.find((one) => one.name.toLowerCase() === name.toLowerCase())
    const counts = rule.onlyTrue ? child?.value?.toLowerCase() === 'true' : child?.value !== undefined
    if (child === undefined || !counts) continue
    report(reading, 'change/attribute-not-supported', `"${name}" is not allowed on ${dbms}`, child.span, {
      fix: `Remove it, or give the change set a dbms list without ${rule.on.join(', ')}.`,
    })
  }
}

function reportUnsupported(reading: Reading): void {
  const { title, dbms, node } = reading
  report(reading, 'change/not-supported', `${title} is not supported on ${dbms}`, node.span, {
    fix: `Give the change set a dbms list without ${dbms}, and do it with sql there.`,
  })
}
