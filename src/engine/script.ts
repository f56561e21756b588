// The text of a -sql command: comments and statements in the form that Liquibase users know.
import type { ScriptForm, ScriptRole } from '#database/port'
import type { EngineContext } from './context.ts'
import { engineVersion } from './version.ts'

const rule = '*'.repeat(69)

/**
 * Collects a script; `text` gives it whole. The delimiter by which the user's text was split is not printed: the original engine
 * ends each statement with `;`, whatever it was.
 */
export class ScriptWriter {
  private readonly parts: string[] = []
  private readonly lineComment: string
  private readonly withHistory: boolean
  private readonly form: ScriptForm

  /** Without history, statements for the history and lock tables are left out; their comments stay, as with the original. */
  constructor(lineComment: string, withHistory = true, form: ScriptForm = {}) {
    this.lineComment = lineComment
    this.withHistory = withHistory
    this.form = form
  }

  /** Every line of the text becomes a comment line. */
  comment(text: string): void {
    for (const line of text.split('\n')) this.parts.push(`${this.lineComment} ${line}\n`)
  }

  statement(sql: string, endDelimiter = ';', role: ScriptRole = 'apply'): void {
    const text = sql.trimEnd()
    const finished = this.form.finish?.(text, endDelimiter, role)
    this.parts.push(`${finished ?? `${text}${text.endsWith(';') ? '' : ';'}`}\n\n`)
  }

  /** A statement for the history or lock table. */
  history(sql: string): void {
    if (this.withHistory) this.statement(sql, ';', 'history')
  }

  /** Chooses the database, where scripts do that. */
  use(catalogName: string | undefined): void {
    if (catalogName === undefined || this.form.use === undefined) return
    this.statement(this.form.use(catalogName), ';', 'apply')
  }

  blank(): void {
    this.parts.push('\n')
  }

  text(): string {
    return this.parts.join('')
  }
}

export function writeHeader(script: ScriptWriter, context: EngineContext, title: string): void {
  const { database, changelog, clock } = context
  script.comment(rule)
  script.comment(title)
  script.comment(rule)
  script.comment(`Change Log: ${changelog.file}`)
  script.comment(`Ran at: ${shortDate(clock())}`)
  script.comment(`Against: ${database.user}@${database.url}`)
  script.comment(`Liquibase version: ${engineVersion}`)
  script.comment(rule)
  script.blank()
  script.use(database.facts.properties['defaultCatalogName'])
}

/** `11/21/26, 9:43 AM`, in the zone of the process. By hand: the formatter of the platform takes 50 ms to get ready. */
export function shortDate(epochMilliseconds: number): string {
  const date = new Date(epochMilliseconds)
  const hours = date.getHours()
  const year = String(date.getFullYear() % 100).padStart(2, '0')
  const minutes = String(date.getMinutes()).padStart(2, '0')
  return `${date.getMonth() + 1}/${date.getDate()}/${year}, ${hours % 12 || 12}:${minutes} ${hours < 12 ? 'AM' : 'PM'}`
}
