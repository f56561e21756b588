// Compares documents with what a manager holds, and makes it so.
import { Fault } from '#contract/fault'
import type { ApiClient } from '../setup/session.ts'
import { differences, type EntityDocument, nameOf, withoutEmpty } from './document.ts'
import { type Kind, kinds } from './kind.ts'
import { documentOf } from './present.ts'

export interface Change {
  readonly kind: Kind
  readonly document: EntityDocument
  /** `by-hand`: no document can bring about that it is as this one says. */
  readonly action: 'create' | 'update' | 'keep' | 'by-hand'
  /** What differs, a line each; of what is to be made by hand, why. */
  readonly lines: readonly string[]
}

const levelOf = ({ organization, project }: EntityDocument) =>
  organization === undefined ? 'account' : project === undefined ? 'organization' : 'project'

function kindOf(document: EntityDocument): Kind {
  const kind = kinds.find((one) => one.kind === document.kind)
  const names = kinds.map((one) => one.kind).join(', ')
  if (!kind) throw new Fault('invalid-input', `${nameOf(document)}: there is no such kind. Kinds are ${names}.`)
  if (!kind.levels.includes(levelOf(document)))
    throw new Fault(
      'invalid-input',
      `${nameOf(document)}: lives in ${kind.levels.join(' or ')}, not ${levelOf(document)}.`,
    )
  if ((document.kind === 'dbInstance') !== (document.schema !== undefined))
    throw new Fault('invalid-input', `${nameOf(document)}: schema belongs to a dbInstance, and only there.`)
  if (['inputSet', 'trigger'].includes(document.kind) !== (document.pipeline !== undefined))
    throw new Fault('invalid-input', `${nameOf(document)}: pipeline belongs to an inputSet or trigger, and only there.`)
  return kind
}

/** What `apply` would do, in the order in which it does it. Asks each scope once for each kind. */
export async function planChanges(client: ApiClient, documents: readonly EntityDocument[]): Promise<readonly Change[]> {
  const known = new Map<string, ReadonlyMap<string, EntityDocument>>()
  const presentOf = async (kind: Kind, { organization: org, project }: EntityDocument) => {
    const key = JSON.stringify([kind.kind, org, project])
    const before = known.get(key)
    if (before) return before
    const place = { org, project }
    const rows = await kind.list(client, place).catch((error: unknown) => {
      // The scope is made by the same files.
      if (error instanceof Fault && error.code === 'not-found') return []
      throw error
    })
    const found = new Map(rows.map((row) => documentOf(kind, place, row)).map((one) => [nameOf(one), one]))
    known.set(key, found)
    return found
  }
  const seen = new Set<string>()
  const changes: Change[] = []
  for (const document of documents) {
    const name = nameOf(document)
    if (seen.has(name)) throw new Fault('invalid-input', `${name} stands in two documents.`)
    seen.add(name)
    const kind = kindOf(document)
    const present = (await presentOf(kind, document)).get(name)
    changes.push({ kind, document, ...compare(kind, document, present) })
  }
  const rank = ({ kind, document }: Change): number => kinds.indexOf(kind) + (kind.isLater?.(document) ? 0.5 : 0)
  return changes.toSorted((one, other) => rank(one) - rank(other))
}

function compare(
  kind: Kind,
  document: EntityDocument,
  present: EntityDocument | undefined,
): Pick<Change, 'action' | 'lines'> {
  const why = kind.byHand?.(document, present)
  if (why !== undefined) return { action: 'by-hand', lines: [why] }
  const lines = differences(present?.spec ?? {}, withoutEmpty(document.spec) ?? {})
  return { action: present === undefined ? 'create' : lines.length > 0 ? 'update' : 'keep', lines }
}

export async function makeChange(client: ApiClient, { kind, document, action }: Change): Promise<void> {
  if (action === 'keep' || action === 'by-hand') return
  try {
    await (action === 'create' ? kind.create(client, document) : kind.update(client, document))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { code, message, hint, diagnostics } = error
    throw new Fault(code, `${nameOf(document)}: ${message}`, { hint, diagnostics, cause: error })
  }
}
