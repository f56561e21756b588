// References across scopes: `id` is in the project, `org.id` in its organization, `account.id` in the account.
import { Fault } from '#contract/fault'
import type { Executor } from '../store/port.ts'
import { findProjectOwners, ownedBy, type Owner } from './scope.ts'

export interface ParsedReference {
  readonly scope: Owner['kind']
  readonly identifier: string
}

/** `account.x` → account and x. Whether x exists is not looked at. */
export function parseReference(reference: string): ParsedReference {
  const [first, ...rest] = reference.split('.')
  if (rest.length === 0) return { scope: 'project', identifier: reference }
  const identifier = rest.join('.')
  if (first === 'account') return { scope: 'account', identifier }
  if (first === 'org') return { scope: 'organization', identifier }
  throw new Fault('invalid-input', `The reference ${reference} is of no scope that exists.`, {
    hint: 'Use id, org.id or account.id.',
  })
}

const prefixes = { account: 'account.', organization: 'org.', project: '' } as const

/**
 * A reference as it stands in an entity of `owner`, as a project sees it: without a prefix it means the scope of the entity.
 * Raises `invalid-input` when a wider scope refers to a narrower one, which exists many times.
 */
export function seenFromProject(owner: Owner['kind'], reference: string): string {
  if (!reference.includes('.')) return `${prefixes[owner]}${reference}`
  const { scope } = parseReference(reference)
  if (owner === 'account' && scope !== 'account')
    throw new Fault('invalid-input', `${reference} cannot be referred to from the account.`, {
      hint: 'What belongs to the account refers to the account only. Use account.id.',
    })
  return reference
}

/** The same for a list with commas. */
export function seenFromProjectAll(owner: Owner['kind'], references: string): string {
  return references
    .split(',')
    .map((one) => seenFromProject(owner, one.trim()))
    .join(',')
}

export interface FoundConnector {
  readonly owner: Owner['kind']
  readonly identifier: string
  readonly name: string
  readonly type: string
  readonly spec: unknown
}

/** The connector that something in a project refers to; undefined when there is none. */
export async function findConnector(
  db: Executor,
  projectId: string,
  reference: string,
): Promise<FoundConnector | undefined> {
  const { scope, identifier } = parseReference(reference)
  const owner = (await findProjectOwners(db, projectId))[scope]
  const row = await db
    .selectFrom('connector')
    .where(ownedBy('connector', owner))
    .where('identifier', '=', identifier)
    .select(['identifier', 'name', 'type', 'spec'])
    .executeTakeFirst()
  return row && { owner: scope, ...row }
}
