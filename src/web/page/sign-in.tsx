// Signs a person in, and leads back to the page that they wanted.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { useApi } from '../api.ts'
import { Mark } from '../part/icon.tsx'
import { FaultNotice, Notice } from '../part/notice.tsx'
import { sessionQuery } from '../query.ts'
import { safeReturnPath } from '../session.ts'
import style from './sign-in.module.css'

const route = getRouteApi('/sign-in')

/** By the code in the address, so that no link can put words of its own here. */
const refusals: Readonly<Record<string, string>> = {
  forbidden: 'The provider did not say a verified e-mail address, which Sluice needs.',
  'sign-in-provider': 'The sign-in provider cannot be reached.',
}
const refusalOf = (code: string): string => refusals[code] ?? 'The sign-in with the provider did not succeed.'

export function SignIn() {
  const api = useApi()
  const router = useRouter()
  const queries = useQueryClient()
  const { to, refused } = route.useSearch()
  const providers = route.useLoaderData()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  useEffect(() => {
    document.title = 'Sign in · Sluice'
  }, [])
  const signIn = useMutation({
    mutationFn: () => api.signIn({ body: { email: email.trim(), password } }),
    onSuccess: async (session) => {
      // What a former session has read may not be for this person's eyes.
      queries.clear()
      queries.setQueryData(sessionQuery(api).queryKey, session)
      router.history.push(safeReturnPath(to))
    },
    onError: () => setPassword(''),
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    signIn.mutate()
  }
  return (
    <main className={style.page}>
      <form className={style.card} onSubmit={submit} aria-labelledby="sign-in-title">
        <div className={style.brand}>
          <Mark size={36} />
          <div>
            <h1 id="sign-in-title">Sign in to Sluice</h1>
            <p>Database changes under control</p>
          </div>
        </div>
        {signIn.error ? <FaultNotice error={signIn.error} /> : null}
        {refused !== undefined && !signIn.error ? (
          <Notice tone="bad" title={refusalOf(refused)}>
            <p>Try again, or ask an administrator: the log of the manager holds the reason.</p>
          </Notice>
        ) : null}
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          size="sm"
          required
          withAsterisk={false}
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          size="sm"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" fullWidth loading={signIn.isPending}>
          Sign in
        </Button>
        {providers.length > 0 ? <p className={style.or}>or</p> : null}
        {providers.map(({ identifier, name, startUrl }) => (
          // A way out of the application: the provider leads back to the page that was wanted.
          <Button
            key={identifier}
            component="a"
            href={`${startUrl}?return_to=${encodeURIComponent(safeReturnPath(to))}`}
            variant="default"
            size="sm"
            fullWidth
          >
            Sign in with {name}
          </Button>
        ))}
      </form>
    </main>
  )
}
