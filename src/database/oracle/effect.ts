// Which statements of Oracle a transaction covers: all others commit what came before them.

/** Words that only change or read rows. What a block or a procedure does nobody can tell; it may commit. */
const covered = new Set(['insert', 'update', 'delete', 'merge', 'select', 'with', 'lock', 'savepoint'])

/** Comments and parentheses before the first word do not count. */
export function isCovered(sql: string): boolean {
  const first = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()*([a-z]+)/i.exec(sql)?.[1]
  return first !== undefined && covered.has(first.toLowerCase())
}
