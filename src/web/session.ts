// Who is signed in, and what they may do: read once, kept until sign-out or until the server says that it ended.
import { createContext, useContext } from 'react'
import type { SessionOut } from '#contract/api/identity'
import type { Permission } from '#contract/permission'

const SessionContext = createContext<SessionOut | undefined>(undefined)
export const SessionProvider = SessionContext.Provider

export function useSession(): SessionOut {
  const session = useContext(SessionContext)
  if (!session) throw new Error('useSession needs a signed-in page above it')
  return session
}

/** The server checks as well; this only decides what is offered. */
export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission)
}

/** A path of this application to return to; anything else could lead elsewhere. */
export function safeReturnPath(path: string | undefined): string {
  if (path === undefined || !path.startsWith('/') || /^\/[/\\]/.test(path) || path.startsWith('/sign-in')) return '/'
  return path
}
