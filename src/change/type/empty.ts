// empty: nothing, on purpose.
import { defineChange } from '../define.ts'

export const empty = defineChange({ name: 'empty', fields: {}, statements: () => [], inverse: () => [] })
