// The text of a -sql command: comments and statements in the form that Liquibase users know.
import type { EngineContext } from './context.ts'
import { engineVersion } from './version.ts'

const rule = '*'.repeat(69)

/** Collects a script; `text` gives it whole. */
export class ScriptWriter {
  private readonly parts: string[] = []
  private readonly lineComment: string
  private readonly withHistory: boolean

  /** Without history, statements for the history and lock tables are left out; their comments stay, as with the original. */
  constructor(lineComment: string, withHistory = true) {
    this.lineComment = lineComment
    this.withHistory = withHistory
  }

  /** Every line of the text becomes a comment line. */
  comment(text: string): void {
    for (const line of text.split('\n')) this.parts.push(`${this.lineComment} ${line}\n`)
  }

  statement(sql: string, endDelimiter = ';'): void {
    const delimiter = printable(endDelimiter)
    const text = sql.trimEnd()
    this.parts.push(`${text}${text.endsWith(delimiter) ? '' : delimiter}\n\n`)
  }

  /** A statement for the history or lock table. */
  history(sql: string): void {
    if (this.withHistory) this.statement(sql)
  }

  blank(): void {
    this.parts.push('\n')
  }

  text(): string {
    return this.parts.join('')
  }
}

/** The delimiter as a script needs it: a regular expression of the changelog becomes the text that it stands for. */
function printable(delimiter: string): string {
  const text = delimiter.replace(/\$$/, '').replaceAll('\\n', '\n').replaceAll('\\r', '\r')
  return /^[;/\r\n\w@-]+$/.test(text) ? text : ';'
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
}

/** `11/21/26, 9:43 AM`. */
export function shortDate(epochMilliseconds: number): string {
  const format = new Intl.DateTimeFormat('en-US', { dateStyle: 'short', timeStyle: 'short' })
  // Newer locale data puts a narrow no-break space before AM and PM.
  return format.format(epochMilliseconds).replaceAll(/[\u202f\u00a0]/g, ' ')
}
