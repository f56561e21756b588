// The checksum of a change set, as MD5SUM of the history table holds it: version 9, and version 8 to check old rows.
import type { SqlVisitor } from '#changelog/model'
import type { Change, ChangeContext, ChecksumForm } from './change.ts'
import { dbmsMatches } from './dbms.ts'
import { md5OfText } from './digest.ts'
import { hashSetOrder } from './java-set.ts'
import { type PrintedObject, serialise } from './serialise.ts'

/** The form that Sluice writes, equal to all engines since 4.22 but 4.33.0. */
export const canonicalForm: ChecksumForm = {
  version: 9,
  rawDateValue: false,
  insertSequenceSchema: true,
  offsetDates: true,
  procedure: 'text-and-comment',
}

export interface ChecksumSubject {
  /** Forward changes in document order, also those whose `dbms` does not match: the two versions treat them differently. */
  readonly changes: readonly Change[]
  /**
   * Those visitors that are still attached. The original engine first removes the ones whose dbms, context or labels do not
   * match, so what `update` stores depends on them; `calculate-checksum` has all.
   */
  readonly visitors: readonly SqlVisitor[]
  readonly context: ChangeContext
}

/** `9:` and 32 lower-case hexadecimal digits. Fault `changelog-invalid` when a file that counts is missing. */
export async function changeSetChecksum(subject: ChecksumSubject, form: ChecksumForm = canonicalForm): Promise<string> {
  let text = ''
  for (const change of subject.changes) {
    const filtered = form.version === 9 && !dbmsMatches(change.type.dbmsFilter(change.attributes), subject.context.dbms)
    if (!filtered) text += `${await change.type.checksum(change.attributes, form, subject.context)}:`
  }
  for (const visitor of subject.visitors) text += `${visitorChecksum(visitor, form)};`
  return `${form.version}:${md5OfText(text)}`
}

/** Every value that a row of this version may hold when nothing was edited, the canonical one first. */
export async function acceptedChecksums(subject: ChecksumSubject, version: 8 | 9): Promise<readonly string[]> {
  const accepted = new Set<string>()
  const seen = new Set<string>()
  for (const form of formsOf(version)) {
    // Most changes print the same in all forms; then there is nothing new to hash, above all no file.
    const printed = subject.changes.map(({ type, attributes }) => serialise(type.name, type.print(attributes, form)))
    const key = printed.join('\0')
    if (seen.has(key)) continue
    seen.add(key)
    accepted.add(await changeSetChecksum(subject, form))
  }
  return [...accepted]
}

function* formsOf(version: 8 | 9): Generator<ChecksumForm> {
  const procedures: readonly ChecksumForm['procedure'][] =
    version === 8 ? ['text-and-comment', 'text', 'named-body'] : ['text-and-comment']
  for (const procedure of procedures) {
    for (const rawDateValue of [false, true]) {
      for (const insertSequenceSchema of [true, false]) {
        for (const offsetDates of [true, false]) {
          yield { version, rawDateValue, insertSequenceSchema, offsetDates, procedure }
        }
      }
    }
  }
}

/** Visitors are hashed in their order; version 9 leaves out for which databases, contexts and labels they are meant. */
function visitorChecksum(visitor: SqlVisitor, form: ChecksumForm): string {
  const texts = (items: readonly string[]): PrintedObject['fields'][number][1] =>
    items.length === 0 ? undefined : { kind: 'list', items: hashSetOrder(items) }
  const filters: PrintedObject['fields'] =
    form.version === 8
      ? [
          ['applicableDbms', texts(visitor.dbms)],
          ['contextFilter', visitor.contextFilter === '' ? undefined : visitor.contextFilter],
          ['labels', texts(visitor.labels)],
        ]
      : []
  const rollback = ['applyToRollback', String(visitor.applyToRollback)] as const
  const printed = { kind: 'object', fields: [...ownFields(visitor), rollback, ...filters] } as const
  return `${form.version}:${md5OfText(serialise(visitor.type, printed))}`
}

function ownFields(visitor: SqlVisitor): PrintedObject['fields'] {
  const replaces = visitor.type === 'replace' || visitor.type === 'regExpReplace'
  if (!replaces) return [['value', visitor.value]]
  return [
    ['replace', visitor.replace],
    ['with', visitor.with],
  ]
}
