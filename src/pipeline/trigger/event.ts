// A delivery of a webhook in the same words for every Git host: what happened, where, and to which commit.
import type { WebhookProvider } from './document.ts'

export interface Delivery {
  readonly provider: WebhookProvider
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly payload: unknown
}

export interface WebhookEvent {
  readonly provider: WebhookProvider
  /** As triggers name it: `Push`, `PullRequest`, `Release` …; of Custom `Custom`. */
  readonly event: string
  readonly action?: string
  /** Address of the repository for browsers, without `.git`. */
  readonly repository?: string
  readonly repositoryName?: string
  /** Branch that was pushed to, or that the pull request comes from. */
  readonly sourceBranch?: string
  /** Branch that was pushed to, or that the pull request goes to. */
  readonly targetBranch?: string
  readonly tag?: string
  readonly commit?: string
  readonly baseCommit?: string
  readonly pullRequest?: number
  readonly title?: string
  readonly sender?: string
  /** The pull request comes from another repository, whose owner may be anybody. */
  readonly fork?: boolean
  /** Paths that a push changed, where the host tells them; undefined where it has to be asked. */
  readonly changedFiles?: readonly string[]
}
export type ReadEvent = WebhookEvent | { readonly ignored: string }

type Json = Readonly<Record<string, unknown>>

export const at = (value: unknown, ...path: readonly string[]): unknown => {
  let found = value
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Json)[name]
  }
  return found
}
export const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const found = at(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}
export const numberAt = (value: unknown, ...path: readonly string[]): number | undefined => {
  const found = at(value, ...path)
  return typeof found === 'number' && Number.isSafeInteger(found) ? found : undefined
}
export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? (found as unknown[]) : []
}

type Fields = { readonly [Key in keyof WebhookEvent]?: WebhookEvent[Key] | undefined }
/** Without the fields that have no value. */
export function known(fields: Fields & Pick<WebhookEvent, 'provider' | 'event'>): WebhookEvent {
  const found = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(found) as Fields as WebhookEvent
}

export const noCommit = /^0+$/
/** `refs/heads/main` → branch main, `refs/tags/v1` → tag v1. */
export function refOf(ref: string | undefined): { readonly branch?: string; readonly tag?: string } {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref ?? '') ?? []
  if (name === undefined) return {}
  return kind === 'heads' ? { branch: name } : { tag: name }
}

/** Paths that the commits of a push name. A host that cut its list of commits has to be asked. */
export function changedIn(commits: readonly unknown[], total: number | undefined): readonly string[] | undefined {
  if (commits.length === 0 || (total !== undefined && total > commits.length)) return undefined
  const paths = commits.flatMap((commit) =>
    ['added', 'modified', 'removed'].flatMap((kind) =>
      listAt(commit, kind).filter((path): path is string => typeof path === 'string'),
    ),
  )
  return [...new Set(paths)]
}
