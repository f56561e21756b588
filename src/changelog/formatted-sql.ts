// Reads formatted SQL: a header, then change sets that are SQL with directives in comments.
import type { Span } from '#contract/diagnostic'
import { doubt, problem, type Report } from './finding.ts'
import { checkPairs, placeAtEnd } from './formatted-sql-attribute.ts'
import {
  endOfBlock,
  innerDirective,
  isCommercial,
  isEndOfIgnored,
  isHeader,
  lookalike,
  outerDirective,
} from './formatted-sql-line.ts'
import { indentOf, trimmed } from './java-text.ts'
import { type Positions, positionsOf } from './position.ts'

/** A change set as it stands in the file; nothing is expanded or checked further yet. */
export interface SqlBlock {
  readonly author: string
  readonly id: string
  /** The rest of the changeset line, with its attributes. */
  readonly attributes: string
  readonly comment: string
  readonly checkSums: readonly string[]
  readonly rollback: readonly string[]
  /** Of the first line that adds to it. */
  readonly rollbackSpan: Span | undefined
  /** The last `--preconditions` line. */
  readonly preconditions: { readonly text: string; readonly span: Span } | undefined
  readonly checks: readonly { readonly name: string; readonly text: string; readonly span: Span }[]
  /** Lines of SQL, trimmed together; empty when there are none. */
  readonly sql: string
  readonly sqlSpan: Span
  /** The lines of the SQL follow one another in the file, so that `sqlSpan` tells where each stands. */
  readonly isContiguous: boolean
  readonly span: Span
  readonly lineSpan: Span
}

export interface SqlEvents {
  /** A property line, in its place among the blocks. */
  readonly onProperty: (text: string, span: Span) => void
  /** A finished block; called after the property lines inside it, which therefore count for it. */
  readonly onBlock: (block: SqlBlock) => void
}

/** Walks a formatted SQL file from top to bottom. */
export function readFormattedSql(file: string, text: string, events: SqlEvents, report: Report): void {
  new Walk(file, text, events, report).run()
}

/** Whether the first line that is not blank is the header. */
export function isFormattedSql(text: string): boolean {
  return isHeader(firstLine(text))
}

/** The line of a plain file that was probably meant to be formatted: a directive, or a header that is none or not the first. */
export function looksFormatted(text: string): number | undefined {
  const lines = text.split(/\r\n|\r|\n/)
  const index = lines.findIndex((line) => isHeader(line) || isChangeSet(line))
  return index < 0 ? undefined : index + 1
}

/** Not `-- Changeset FILE::ID::AUTHOR`, which a script has that an update was printed to. */
function isChangeSet(line: string): boolean {
  const found = outerDirective(line)
  return found?.kind === 'change-set' && !found.id.startsWith(':')
}

/** `logicalFilePath` on the header; undefined when absent. */
export function logicalPathOfHeader(text: string): string | undefined {
  return /^.*logicalFilePath:(\S*)/i.exec(firstLine(text))?.[1] || undefined
}

/** The first line that is not blank. */
function firstLine(text: string): string {
  const start = indentOf(text)
  const end = text.slice(start).search(/[\r\n]/)
  return end < 0 ? text.slice(start) : text.slice(start, start + end)
}

interface OpenBlock {
  readonly author: string
  readonly id: string
  readonly attributes: string
  readonly line: number
  comment: string
  readonly checkSums: string[]
  readonly rollback: string[]
  rollbackSpan: Span | undefined
  preconditions: { text: string; span: Span } | undefined
  readonly checks: { name: string; text: string; span: Span }[]
  readonly sql: { text: string; line: number }[]
}

class Walk {
  readonly #lines: readonly string[]
  readonly #positions: Positions
  readonly #events: SqlEvents
  readonly #report: Report
  #open: OpenBlock | undefined
  /** After a changeset line that could not be read: what follows belongs to nobody. */
  #isLost = false
  #blocks = 0
  #hasHeader = false
  #toldAboutPreface = false

  constructor(file: string, text: string, events: SqlEvents, report: Report) {
    this.#lines = text.split(/\r\n|\r|\n/)
    this.#positions = positionsOf(file, text)
    this.#events = events
    this.#report = report
  }

  run(): void {
    let index = 0
    while (index < this.#lines.length) index = this.#take(index)
    this.#close(this.#lines.length)
    if (this.#blocks === 0 && !this.#isLost) {
      const message = 'The file has no change set.'
      this.#report(
        doubt('no-change-set', message, this.#positions.line(1), 'Begin each one with "--changeset AUTHOR:ID".'),
      )
    }
  }

  /** Handles the line at `index` and returns the index of the next one. */
  #take(index: number): number {
    const text = this.#lines[index]!
    const directive = outerDirective(text)
    switch (directive?.kind) {
      case 'header':
        if (this.#hasHeader) this.#fail(index, 'duplicate-header', 'A second header of formatted SQL.', 'Remove it.')
        this.#hasHeader = true
        checkPairs('header', text, placeAtEnd(this.#at(index), text), this.#report)
        return index + 1
      case 'property':
        this.#events.onProperty(text, this.#at(index))
        return index + 1
      case 'ignore':
        return this.#skip(index, directive.amount)
      case 'change-set':
        this.#close(index)
        this.#start(index, directive)
        return index + 1
      case 'malformed':
        this.#malformed(index, directive.expected)
        if (directive.expected.startsWith('--changeset')) {
          this.#close(index)
          this.#isLost = true
        }
        return index + 1
      case undefined:
      default:
        return this.#open ? this.#takeInner(index, text, this.#open) : this.#takeOutside(index, text)
    }
  }

  #start(index: number, found: { readonly author: string; readonly id: string; readonly rest: string }): void {
    const { author, id, rest } = found
    const at = this.#at(index)
    checkPairs('changeSet', rest, placeAtEnd(at, rest), this.#report)
    if (id.trim() === '') {
      this.#report(problem('empty-id', 'The change set has no id.', at, 'Write --changeset AUTHOR:ID.'))
    }
    this.#isLost = false
    this.#open = {
      author,
      id,
      attributes: rest,
      line: index,
      comment: '',
      checkSums: [],
      rollback: [],
      rollbackSpan: undefined,
      preconditions: undefined,
      checks: [],
      sql: [],
    }
  }

  #takeInner(index: number, text: string, open: OpenBlock): number {
    const directive = innerDirective(text)
    switch (directive?.kind) {
      case 'comment':
        open.comment = directive.text.trim()
        break
      case 'check-sum':
        open.checkSums.push(directive.text.trim())
        break
      case 'rollback':
        open.rollback.push(directive.text)
        open.rollbackSpan ??= this.#at(index)
        break
      case 'rollback-block':
        return this.#takeBlock(index, open)
      case 'preconditions':
        this.#takePreconditions(index, directive.text, open)
        break
      case 'precondition':
        open.checks.push({ name: directive.name, text: directive.text, span: this.#at(index) })
        break
      case 'malformed':
        this.#malformed(index, directive.expected)
        break
      case undefined:
        this.#doubtLookalike(index, text)
        open.sql.push({ text, line: index })
    }
    return index + 1
  }

  /** A line with the options begins a new container: checks above it are gone. */
  #takePreconditions(index: number, text: string, open: OpenBlock): void {
    for (const { span } of open.checks) {
      const message = `The line --preconditions in line ${index + 1} replaces this check; it is ignored.`
      this.#report(doubt('ignored-directive', message, span, 'Put --preconditions before the checks.'))
    }
    open.checks.length = 0
    open.preconditions = { text, span: this.#at(index) }
    checkPairs('preconditions', text, placeAtEnd(open.preconditions.span, text), this.#report)
  }

  /** Lines up to the end of the comment. Unlike the original engine, which runs them together, each stays a line. */
  #takeBlock(index: number, open: OpenBlock): number {
    open.rollbackSpan ??= this.#at(index)
    for (let next = index + 1; next < this.#lines.length; next += 1) {
      const text = this.#lines[next]!
      const end = endOfBlock(text)
      if (end === undefined && outerDirective(text)?.kind === 'change-set') {
        this.#report(
          doubt(
            'rollback-text',
            'This change set is inside a rollback block.',
            this.#at(next),
            'End the block with "*/" first.',
          ),
        )
      }
      open.rollback.push(end ?? text)
      if (end !== undefined) return next + 1
    }
    this.#fail(index, 'open-rollback', 'The rollback block is never closed.', 'End it with a line "*/".')
    return this.#lines.length
  }

  #takeOutside(index: number, text: string): number {
    const directive = this.#isLost ? undefined : innerDirective(text)
    if (directive?.kind === 'comment') {
      this.#fail(
        index,
        'misplaced-comment',
        'A comment must stand inside a change set.',
        'Move it below its --changeset line.',
      )
    } else if (directive && directive.kind !== 'malformed') {
      const message = 'This directive stands before the first change set and is ignored.'
      this.#report(doubt('ignored-directive', message, this.#at(index), 'Move it below its --changeset line.'))
    } else if (!this.#isLost) {
      this.#doubtLookalike(index, text)
      const isComment = /^\s*(?:--|\/\*|\*|$)/.test(text)
      if (!isComment && !this.#toldAboutPreface) {
        this.#toldAboutPreface = true
        const message = 'What stands before the first change set is ignored.'
        this.#report(doubt('ignored-entry', message, this.#at(index), 'Put "--changeset AUTHOR:ID" before it.'))
      }
    }
    return index + 1
  }

  /** `start` up to the line `--ignoreLines:end`, or a number of lines. */
  #skip(index: number, amount: string): number {
    if (amount.toLowerCase() === 'start') {
      const end = this.#lines.findIndex((text, at) => at > index && isEndOfIgnored(text))
      if (end >= 0) return end + 1
      const message = 'No line "--ignoreLines:end" follows: everything up to the end of the file is ignored.'
      this.#report(doubt('open-ignore', message, this.#at(index), 'Add "--ignoreLines:end".'))
      return this.#lines.length
    }
    if (/^\d+$/.test(amount)) return index + 1 + Math.min(Number(amount), this.#lines.length)
    this.#malformed(index, '--ignoreLines:COUNT or --ignoreLines:start')
    return index + 1
  }

  #close(end: number): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    this.#blocks += 1
    const isBlank = (line: { readonly text: string }) => trimmed(line.text) === ''
    const first = open.sql.findIndex((line) => !isBlank(line))
    const last = open.sql.findLastIndex((line) => !isBlank(line))
    const lines = first < 0 ? [] : open.sql.slice(first, last + 1)
    if (first < 0) this.#noSql(open, end)
    const { line, ...rest } = open
    const sqlSpan = first < 0 ? this.#at(line) : this.#fromTo(lines[0]!.line, lines.at(-1)!.line, lines[0]!.text)
    this.#events.onBlock({
      ...rest,
      sql: trimmed(lines.map(({ text }) => text).join('\n')),
      sqlSpan,
      isContiguous: lines.length > 0 && lines.at(-1)!.line - lines[0]!.line === lines.length - 1,
      span: this.#fromTo(line, Math.max(line, end - 1), ''),
      lineSpan: this.#at(line),
    })
  }

  /** The last change set of a file may be empty; the original engine notices it only when it would run. */
  #noSql(open: OpenBlock, end: number): void {
    const make = end === this.#lines.length ? doubt : problem
    const message = `The change set ${open.author}:${open.id} has no SQL.`
    this.#report(make('no-sql', message, this.#at(open.line), 'Write its SQL below, or remove the change set.'))
  }

  #doubtLookalike(index: number, text: string): void {
    const expected = lookalike(text)
    if (expected !== undefined) {
      const message = 'This line looks like a directive but is taken for SQL.'
      this.#report(doubt('misspelt-directive', message, this.#at(index), `If it is one, write ${expected}.`))
    } else if (isCommercial(text)) {
      const message = 'This directive belongs to the commercial edition; it is a comment here.'
      this.#report(doubt('not-supported', message, this.#at(index), 'Use a YAML, XML or JSON changelog for it.'))
    }
  }

  #malformed(index: number, expected: string): void {
    this.#fail(
      index,
      'malformed-directive',
      'This line is not a directive as formatted SQL knows it.',
      `Write ${expected}.`,
    )
  }

  #fail(index: number, code: string, message: string, fix: string): void {
    this.#report(problem(code, message, this.#at(index), fix))
  }

  #at(index: number): Span {
    return this.#positions.line(index + 1)
  }

  /** From the first character of `text` in one line to the end of another. */
  #fromTo(first: number, last: number, text: string): Span {
    const start = this.#at(first)
    const end = this.#at(last)
    const indent = indentOf(text)
    return {
      file: start.file,
      line: start.line,
      column: start.column + indent,
      endLine: end.endLine ?? end.line,
      endColumn: end.endColumn ?? end.column,
    }
  }
}
