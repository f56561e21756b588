// Small changelogs for the suites of the engine.

/** A createTable change with one column. */
export const table = (name: string): string => `
        - createTable: { tableName: ${name}, columns: [ { column: { name: id, type: int } } ] }`

/** A sql change. */
export const sql = (text: string): string => `
        - sql: { sql: ${JSON.stringify(text)} }`

/** One change set of author amy; `more` are further lines, indented by six blanks. */
export const changeSet = (id: string, changes: string, more = ''): string => `
  - changeSet:
      id: ${id}
      author: amy
      ${more}
      changes:${changes === '' ? ' []' : changes}`

export const yaml = (...changeSets: readonly string[]): Record<string, string> => ({
  'root.yaml': `databaseChangeLog:${changeSets.join('')}\n`,
})
