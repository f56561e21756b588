// mergeColumns: a new column with the texts of two, which are dropped.
import { columnDefinition } from '../definition.ts'
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { emptyColumn } from '../column.ts'
import { tableFields, tableOf } from '../table.ts'

export const mergeColumns = defineChange({
  name: 'mergeColumns',
  fields: {
    ...tableFields,
    column1Name: requiredText(),
    column2Name: requiredText(),
    finalColumnName: requiredText(),
    finalColumnType: requiredText(),
    joinString: text(),
  },
  statements(attributes) {
    const { column1Name, column2Name, finalColumnName, finalColumnType, joinString } = attributes
    const table = tableOf(attributes)
    const final = columnDefinition({ ...emptyColumn, name: finalColumnName, type: finalColumnType })
    const nothing = {
      value: undefined,
      afterColumn: undefined,
      beforeColumn: undefined,
      position: undefined,
      primaryKey: undefined,
      unique: undefined,
      foreignKey: undefined,
    }
    return [
      { type: 'add-columns', table, columns: [{ ...final, ...nothing }] },
      {
        type: 'concatenate-columns',
        table,
        target: finalColumnName,
        first: column1Name,
        // Nothing given joins with the word null. Nobody can want that, but histories have been made with it.
        joinString: joinString ?? 'null',
        second: column2Name,
      },
      { type: 'drop-columns', table, columns: [column1Name] },
      { type: 'drop-columns', table, columns: [column2Name] },
    ]
  },
})
