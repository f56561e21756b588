// The fields of a run: input sets, and one field for each runtime input, with the message of the server when it is wrong.
import { MultiSelect } from '@mantine/core'
import type { InputSetOut } from '#contract/api/input-set'
import { inputLabel, type PipelineInput, type TypedInputs } from '../../model/run-input.ts'
import { InputField } from '../../part/input-field.tsx'

export function InputSetField({
  sets,
  chosen,
  choose,
}: {
  readonly sets: readonly Pick<InputSetOut, 'identifier' | 'name'>[]
  readonly chosen: readonly string[]
  readonly choose: (identifiers: string[]) => void
}) {
  return (
    <MultiSelect
      label="Input sets"
      description="Later ones win over earlier ones, and what is given below wins over all."
      data={sets.map(({ identifier, name }) => ({ value: identifier, label: name }))}
      value={[...chosen]}
      onChange={choose}
      placeholder={chosen.length === 0 ? 'None' : ''}
      maxValues={50}
      hidePickedOptions
      clearable
      clearButtonProps={{ 'aria-label': 'Take all input sets away' }}
    />
  )
}

export function RunInputFields({
  inputs,
  typed,
  messages,
  hasSets,
  type,
}: {
  readonly inputs: readonly PipelineInput[]
  readonly typed: TypedInputs
  readonly messages: ReadonlyMap<string, string>
  /** An input set may give what has no default. */
  readonly hasSets: boolean
  readonly type: (path: string, value: string) => void
}) {
  const labels = inputs.map(({ path }) => inputLabel(path))
  return inputs.map((input, index) => {
    const label = labels[index] ?? input.path
    return (
      <InputField
        key={input.path}
        rules={input}
        label={labels.indexOf(label) === labels.lastIndexOf(label) ? label : input.path}
        about={`${input.path}, line ${input.line}${input.late ? '; asked for when its step begins' : ''}`}
        value={typed[input.path] ?? ''}
        message={messages.get(input.path)}
        required={input.default === undefined && !input.late && !hasSets}
        most={65_536}
        type={(value) => type(input.path, value)}
      />
    )
  })
}
