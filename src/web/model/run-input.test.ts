import { expect, test } from 'vitest'
import type { Diagnostic } from '#contract/diagnostic'
import { givenInputs, inputLabel, type PipelineInput, placeMessages } from './run-input.ts'

test.each([
  ['variables.env.value', 'env'],
  ['stages.one.variables.env.value', 'one › env'],
  ['stages.one.timeout', 'one › timeout'],
  ['stages.one.spec.execution.steps.apply.spec.changeSetCount', 'one › apply › changeSetCount'],
  ['stages.value.timeout', 'value › timeout'],
])('%s is called %s', (path, label) => {
  expect(inputLabel(path)).toBe(label)
})

test('empty fields are not given', () => {
  expect(givenInputs({ a: '', b: '0' })).toEqual({ b: '0' })
})

test('messages stand at the field that they name, or at the only one on their line', () => {
  const inputs: PipelineInput[] = [
    { path: 'variables.env.value', line: 5 },
    { path: 'variables.env.value2', line: 6 },
    { path: 'a', line: 7 },
    { path: 'b', line: 7 },
  ]
  const finding = (message: string, line: number, more: Partial<Diagnostic> = {}): Diagnostic => ({
    code: 'pipeline/x',
    severity: 'error',
    message,
    span: { file: 'p.yaml', line, column: 1 },
    ...more,
  })
  const elsewhere = [
    finding('Two are here.', 7),
    finding('No input.', 1),
    finding('Of a set.', 6, { span: { file: 'set.yaml', line: 6, column: 1 } }),
    finding('A remark.', 6, { severity: 'warning' }),
  ]
  const placed = placeMessages('p', inputs, [
    finding('The input variables.env.value was not given.', 5),
    finding('It is no duration.', 6),
    finding('The input b cannot be `x`.', 7),
    finding('It is no number either.', 6),
    ...elsewhere,
  ])
  expect(Object.fromEntries(placed.atInput)).toEqual({
    'variables.env.value': 'The input variables.env.value was not given.',
    'variables.env.value2': 'It is no duration. It is no number either.',
    b: 'The input b cannot be `x`.',
  })
  expect(placed.elsewhere).toEqual(elsewhere)
})
