// The field for the identifier of something new, which says while it is written what is wrong with it.
import { TextInput } from '@mantine/core'
import { identifierSchema } from '#contract/identifier'

export const isIdentifier = (text: string): boolean => identifierSchema.safeParse(text).success

export function IdentifierInput({
  about,
  value,
  set,
}: {
  /** What it tells. */
  readonly about: string
  readonly value: string
  readonly set: (value: string) => void
}) {
  const check = value === '' ? undefined : identifierSchema.safeParse(value)
  return (
    <TextInput
      label="Identifier"
      description={about}
      required
      withAsterisk={false}
      data-autofocus
      value={value}
      error={check?.error?.issues[0]?.message}
      onChange={(event) => set(event.currentTarget.value)}
    />
  )
}
