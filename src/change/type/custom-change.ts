// customChange: a Java class. Read and hashed so that old histories stay valid; it cannot run without Java.
import { Fault } from '#contract/fault'
import type { PrintedMap } from '../serialise.ts'
import { type Field, list, requiredText, text } from '../field.ts'
import { defineChange } from '../define.ts'

interface Parameter {
  readonly name: string | undefined
  readonly value: string | undefined
}

const listed = list('param', { name: text(), value: text({ direct: true }) }, (raw): Parameter => raw, undefined)

const parameters: Field<readonly Parameter[]> = {
  ...listed,
  // Around them in YAML and JSON, where several children cannot have one name.
  elements: ['param', 'params'],
  read: (reading) => listed.read(reading, 'params'),
  print: (items): PrintedMap => ({
    kind: 'map',
    entries: items.map(({ name = '', value = '' }) => [name, value] as const),
  }),
}

export const customChange = defineChange({
  name: 'customChange',
  fields: { class: requiredText(), param: parameters },
  statements(attributes, _context, span) {
    const message = `customChange needs the Java class ${attributes.class}, which Sluice cannot run`
    throw new Fault('changelog-invalid', message, {
      diagnostics: [
        {
          code: 'change/not-offered',
          severity: 'error',
          message,
          span,
          fix: 'Write the change as sql or sqlFile in a new change set, and mark this one as run with changelog-sync.',
        },
      ],
    })
  },
})
