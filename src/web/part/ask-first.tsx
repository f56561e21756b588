// A button for what cannot be undone: asks first, does it, and has the lists read again.
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Confirm } from './confirm.tsx'

export function AskFirst({
  action,
  name,
  act,
  stale,
  children,
}: {
  /** `Revoke`, and the name of what it is done to. */
  readonly action: string
  readonly name: string
  readonly act: () => Promise<unknown>
  /** Lists that show something else afterwards, by the first part of their key. */
  readonly stale: readonly string[]
  /** What comes of it. */
  readonly children: ReactNode
}) {
  const queries = useQueryClient()
  const [asks, setAsks] = useState(false)
  const deed = useMutation({
    mutationFn: act,
    onSuccess: async () => {
      setAsks(false)
      await Promise.all(stale.map((key) => queries.invalidateQueries({ queryKey: [key] })))
    },
  })
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setAsks(true)} aria-label={`${action} ${name}`}>
        {action}
      </Button>
      <Confirm
        opened={asks}
        close={() => setAsks(false)}
        title={`${action} ${name}?`}
        action={action}
        pending={deed.isPending}
        error={deed.error}
        confirm={() => deed.mutate()}
      >
        {children}
      </Confirm>
    </>
  )
}
