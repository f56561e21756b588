// A field for a value with rules: some of a few values, one of them, or a text that matches a pattern.
import { MultiSelect, Select, TextInput } from '@mantine/core'

/** The rules of a runtime input or of an input that approvers are asked for, as the API tells them. */
export interface InputRules {
  readonly default?: string | undefined
  readonly allowed?: string[] | undefined
  /** Several of `allowed`, separated by commas. */
  readonly many?: true | undefined
  readonly pattern?: string | undefined
}

export function InputField({
  rules: { default: fallback, allowed, many, pattern },
  label,
  about,
  value,
  message,
  required,
  most,
  type,
}: {
  readonly rules: InputRules
  readonly label: string
  readonly about: string | undefined
  /** '' when nothing is given: then the default counts. */
  readonly value: string
  readonly message: string | undefined
  readonly required: boolean
  /** Characters at most. */
  readonly most: number
  readonly type: (value: string) => void
}) {
  const notes = [about, pattern === undefined ? undefined : `matches ${pattern}`].filter((note) => note !== undefined)
  const field = {
    label,
    required,
    error: message,
    description: notes.length > 0 ? notes.join(', ') : undefined,
    placeholder: value === '' && fallback !== undefined ? `${fallback} (default)` : undefined,
  }
  if (allowed && many) {
    const several = value === '' ? [] : value.split(',').map((one) => one.trim())
    return <MultiSelect {...field} data={allowed} value={several} onChange={(values) => type(values.join(','))} />
  }
  if (allowed) {
    return (
      <Select
        {...field}
        data={allowed}
        value={value || null}
        clearable={!required}
        onChange={(one) => type(one ?? '')}
      />
    )
  }
  return <TextInput {...field} maxLength={most} value={value} onChange={(event) => type(event.currentTarget.value)} />
}
