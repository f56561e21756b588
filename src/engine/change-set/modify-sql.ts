// modifySql: edits the SQL of a change set on its way to the database.
import type { SqlVisitor } from '#changelog/model'
import { Fault } from '#contract/fault'

/** Applies the visitors in order. Fault `changelog-invalid` for a pattern that is not a regular expression. */
export function modifySql(sql: string, visitors: readonly SqlVisitor[]): string {
  return visitors.reduce((text, visitor) => visit(text, visitor), sql)
}

function visit(sql: string, visitor: SqlVisitor): string {
  const edits: Readonly<Record<SqlVisitor['type'], () => string>> = {
    append: () => sql + visitor.value,
    appendSqlIfNotPresent: () => (sql.includes(visitor.value) ? sql : sql + visitor.value),
    prepend: () => visitor.value + sql,
    replace: () => sql.replaceAll(visitor.replace, () => visitor.with),
    regExpReplace: () => sql.replaceAll(patternOf(visitor), visitor.with),
  }
  return edits[visitor.type]()
}

function patternOf(visitor: SqlVisitor): RegExp {
  try {
    return new RegExp(visitor.replace, 'g')
  } catch (error) {
    const message = `"${visitor.replace}" is not a regular expression`
    throw new Fault('changelog-invalid', message, {
      diagnostics: [
        {
          code: 'engine/modify-sql',
          severity: 'error',
          message,
          span: visitor.span,
          fix: 'Correct the pattern, or use replace for a plain text.',
        },
      ],
      cause: error,
    })
  }
}
