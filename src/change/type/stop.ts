// stop: ends the run here, for debugging.
import { defineChange } from '../define.ts'
import { textOrDefault } from '../field.ts'

export const stop = defineChange({
  name: 'stop',
  volatile: true,
  fields: { message: textOrDefault('Stop command in changelog file') },
  statements: ({ message }) => [{ type: 'stop', message }],
  inverse: () => [],
})
