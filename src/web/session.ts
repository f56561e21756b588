// Who is signed in, and what they may do: read once, kept until sign-out or until the server says that it ended.
import { createContext, useContext, useMemo } from 'react'
import type { SessionOut } from '#contract/api/identity'
import { mayDo, type Place, readGrant } from '#contract/grant'
import type { Permission } from '#contract/permission'

const SessionContext = createContext<SessionOut | undefined>(undefined)
export const SessionProvider = SessionContext.Provider

export function useSession(): SessionOut {
  const session = useContext(SessionContext)
  if (!session) throw new Error('useSession needs a signed-in page above it')
  return session
}

/**
 * The server checks as well; this only decides what is offered. `place`: where it is to be done and to what, `{}` for the account;
 * without an identifier it is about all of the kind, as making a new one is.
 */
export const useMay = (permission: Permission, place: Place): boolean => useRights()(permission, place)

/** The same for the rows of a list. */
export function useRights(): (permission: Permission, place: Place) => boolean {
  const { grants } = useSession()
  const read = useMemo(() => grants.map(readGrant), [grants])
  return (permission, place) => mayDo(read, permission, place)
}

/** A path of this application to return to; anything else could lead elsewhere. */
export function safeReturnPath(path: string | undefined): string {
  if (path === undefined || !path.startsWith('/') || /^\/[/\\]/.test(path) || path.startsWith('/sign-in')) return '/'
  return path
}
