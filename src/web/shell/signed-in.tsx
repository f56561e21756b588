// Everything behind the sign-in: gives the session to the pages below, inside the shell.
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../api.ts'
import { sessionQuery } from '../query.ts'
import { SessionProvider } from '../session.ts'
import { Shell } from './shell.tsx'

export function SignedIn() {
  const session = useQuery(sessionQuery(useApi())).data
  // Between the end of a session and the sign-in page there is nothing to show.
  if (!session) return null
  return (
    <SessionProvider value={session}>
      <Shell />
    </SessionProvider>
  )
}
