// executeCommand: a program on the machine of the engine. Read and hashed, never run: a changelog must not be able to do that.
import { Fault } from '#contract/fault'
import { defineChange } from '../define.ts'
import { list, requiredText, text } from '../field.ts'

export const executeCommand = defineChange({
  name: 'executeCommand',
  volatile: true,
  fields: {
    executable: requiredText(),
    timeout: text(),
    os: text({ hashed: 'never' }),
    args: list('arg', { value: text() }, (raw) => raw.value, undefined),
  },
  statements({ executable }, _context, span) {
    throw new Fault(
      'changelog-invalid',
      `executeCommand would run the program "${executable}"; Sluice does not do that`,
      {
        diagnostics: [
          {
            code: 'change/not-offered',
            severity: 'error',
            message: 'executeCommand is not offered: a changelog could run any program on the machine of the engine',
            span,
            fix: 'Run the program as a step of the pipeline.',
          },
        ],
      },
    )
  },
})
