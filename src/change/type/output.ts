// output: a message for the person who watches.
import { defineChange } from '../define.ts'
import { text, textOrDefault } from '../field.ts'

export const output = defineChange({
  name: 'output',
  fields: { message: text({ direct: true }), target: textOrDefault('STDERR') },
  statements: ({ message, target }) => [{ type: 'message', text: message ?? '', target }],
  inverse: () => [],
})
