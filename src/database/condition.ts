// The condition of update and delete with its placeholders filled in.
import type { ColumnValue, Where } from '#change/statement'

export interface ConditionWriter {
  name(name: string): string
  value(value: ColumnValue): string
}

/** ` WHERE …`, or nothing. `:name` takes the name of the next parameter, `:value` and `?` the value of the next one. */
export function whereClause(where: Where | undefined, writer: ConditionWriter): string {
  if (!where) return ''
  let nextName = 0
  let nextValue = 0
  const filled = where.condition.replace(/:name\b|:value\b|\?/g, (placeholder) => {
    if (placeholder === ':name') {
      const name = where.parameters[nextName++]?.name
      return name === undefined ? placeholder : writer.name(name)
    }
    const parameter = where.parameters[nextValue++]
    return parameter ? writer.value(parameter.value) : placeholder
  })
  return ` WHERE ${filled}`
}
