// The condition of update and delete, with the values that stand for its placeholders.
import type { ChangeContext } from './change.ts'
import { type Column, columnValue } from './column.ts'
import type { Where } from './statement.ts'

export async function whereOf(
  condition: string | undefined,
  parameters: readonly Column[],
  context: ChangeContext,
): Promise<Where | undefined> {
  if (condition === undefined || condition.trim() === '') return undefined
  const values = parameters.map(async (column) => ({ name: column.name, value: await columnValue(column, context) }))
  return { condition, parameters: await Promise.all(values) }
}
