// Makes something whose value is shown once: a delegate token, an API key.
import { Button, Modal, Select } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { CopyButton } from './copy.tsx'
import style from './create-secret.module.css'
import { IdentifierInput, isIdentifier } from './identifier-input.tsx'
import { FaultNotice, Notice } from './notice.tsx'

const day = 86_400_000
const lives = [
  { value: '', label: 'Until it is revoked' },
  { value: '1', label: '1 day' },
  { value: '30', label: '30 days' },
  { value: '365', label: '1 year' },
]

export function CreateSecret({
  opened,
  close,
  what,
  about,
  store,
  create,
}: {
  readonly opened: boolean
  readonly close: () => void
  /** In the middle of a sentence. */
  readonly what: string
  /** What its identifier tells. */
  readonly about: string
  /** What to do with the value. */
  readonly store: string
  /** Gives the value. `endsAt` in epoch milliseconds; absent: when it is revoked. */
  readonly create: (given: { readonly identifier: string; readonly endsAt: number | undefined }) => Promise<string>
}) {
  const [identifier, setIdentifier] = useState('')
  const [life, setLife] = useState('')
  const make = useMutation({
    mutationFn: () => create({ identifier, endsAt: life === '' ? undefined : Date.now() + Number(life) * day }),
  })
  const noun = what.replace(/^.* /, '')
  function leave(): void {
    close()
    // The value must not stay behind in the page.
    make.reset()
    setIdentifier('')
    setLife('')
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Modal
      opened={opened}
      onClose={leave}
      title={make.data ? `${what.charAt(0).toUpperCase()}${what.slice(1)} created` : `New ${what}`}
      closeOnClickOutside={!make.data}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {make.data ? (
        <div className={style.form}>
          <Notice tone="wait" title="This is the only time that the value is shown.">
            <p className="soft">{store}</p>
          </Notice>
          <output className={style.value} aria-label={`Value of the ${noun}`}>
            {make.data}
          </output>
          <div className={style.end}>
            <CopyButton text={make.data} label="Copy value" />
            <Button onClick={leave}>Done</Button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className={style.form}>
          <IdentifierInput about={about} value={identifier} set={setIdentifier} />
          <Select
            label="Valid"
            data={lives}
            value={life}
            allowDeselect={false}
            onChange={(value) => setLife(value ?? '')}
          />
          {make.error ? <FaultNotice error={make.error} /> : null}
          <div className={style.end}>
            <Button variant="default" onClick={leave}>
              Cancel
            </Button>
            <Button type="submit" disabled={!isIdentifier(identifier)} loading={make.isPending}>
              Create
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}
