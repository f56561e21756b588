// The organization and project that the person works in: from the address, else the last one used.
import { useParams } from '@tanstack/react-router'
import type { Organization, Scope } from '../query.ts'

const key = 'sluice-scope'

export function rememberScope(storage: Storage, scope: Scope): void {
  try {
    storage.setItem(key, JSON.stringify([scope.org, scope.project]))
  } catch {
    // Storage is full or switched off: nothing is lost but convenience.
  }
}

export function rememberedScope(storage: Storage): Scope | undefined {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? 'null')
    if (!Array.isArray(value)) return undefined
    const [org, project] = value as unknown[]
    return typeof org === 'string' && typeof project === 'string' ? { org, project } : undefined
  } catch {
    return undefined
  }
}

/** Of a page inside a project. */
export function useScope(): Scope {
  const { org, project } = useParams({ strict: false })
  if (org === undefined || project === undefined) throw new Error('useScope needs a page of a project')
  return { org, project }
}

/** A project that exists: the last one that was open, else the first. */
export function preferredScope(all: readonly Scope[], last: Scope | undefined): Scope | undefined {
  return all.find((one) => one.org === last?.org && one.project === last.project) ?? all[0]
}

/** Every project with its organization. */
export function scopesOf(organizations: readonly Organization[]): Scope[] {
  return organizations.flatMap((org) =>
    org.projects.map((project) => ({ org: org.identifier, project: project.identifier })),
  )
}

/** Also on pages of the whole account: then the last project that was open, else the first. */
export function useNearestScope(organizations: readonly Organization[]): Scope | undefined {
  const { org, project } = useParams({ strict: false })
  if (org !== undefined && project !== undefined) return { org, project }
  return preferredScope(scopesOf(organizations), rememberedScope(localStorage))
}
