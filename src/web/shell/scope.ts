// The organization and project that the person works in: from the address, else the last one used.
import { useParams } from '@tanstack/react-router'
import type { Scope } from '../query.ts'

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

/** Also on pages of the whole account: then the last project that was open. */
export function useNearestScope(): Scope | undefined {
  const { org, project } = useParams({ strict: false })
  return org !== undefined && project !== undefined ? { org, project } : rememberedScope(localStorage)
}
