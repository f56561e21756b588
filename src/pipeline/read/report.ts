// Collects findings about a pipeline document, each at its line and column.
import type { Diagnostic, Span } from '#contract/diagnostic'
import type { LateInput } from '../document.ts'
import { LineCounter, type Node } from 'yaml'

/** A text that may hold expressions, with the node of the graph (`''`: the pipeline) in whose scope they are read. */
export interface WrittenText {
  readonly text: string
  readonly at: Node
  readonly owner: string
  /** Only the value of a variable and a script may name a secret: all other texts are shown to people. */
  readonly kind: 'text' | 'condition' | 'variable' | 'script' | 'loop'
  /** Read when its step has its answer. */
  readonly afterwards?: true
}

/** No reader needs more: what comes after is only more of the same. */
const MOST_DIAGNOSTICS = 500

export class Report {
  readonly diagnostics: Diagnostic[] = []
  readonly texts: WrittenText[] = []
  /** Barriers that the pipeline declares. */
  readonly barriers = new Set<string>()
  /** What steps of the run ask for when they begin. */
  readonly lateInputs: LateInput[] = []
  /** Where each node of the graph stands. */
  readonly places = new Map<string, Node>()
  readonly lines = new LineCounter()
  readonly #file: string
  readonly #source: string

  constructor(file: string, source: string) {
    this.#file = file
    this.#source = source
  }

  error(at: Node | number, code: string, message: string, fix?: string): void {
    this.#add('error', at, code, message, fix)
  }
  warning(at: Node | number, code: string, message: string, fix?: string): void {
    this.#add('warning', at, code, message, fix)
  }
  info(at: Node | number, code: string, message: string, fix?: string): void {
    this.#add('info', at, code, message, fix)
  }

  /** The place of `part` inside the scalar `at`, at `offset` of its text; the scalar's start when escapes hide it. */
  offsetOf(at: Node, part: string, offset = 0): number {
    const [start, end] = at.range ?? [0, 0]
    for (const place of [start + offset, start + offset + 1])
      if (offset > 0 && place < end && this.#source.startsWith(part, place)) return place
    const index = this.#source.slice(start, end).indexOf(part)
    return index === -1 ? start : start + index
  }

  lineOf(at: Node): number {
    return Math.max(1, this.lines.linePos(at.range?.[0] ?? 0).line)
  }

  #add(severity: Diagnostic['severity'], at: Node | number, code: string, message: string, fix?: string): void {
    if (this.diagnostics.length >= MOST_DIAGNOSTICS) return
    this.diagnostics.push({
      code: `pipeline/${code}`,
      severity,
      message,
      span: this.#span(at),
      ...(fix === undefined ? {} : { fix }),
    })
  }

  #span(at: Node | number): Span {
    const [start, end] = typeof at === 'number' ? [at, at] : (at.range ?? [0, 0])
    const from = this.lines.linePos(start)
    const span = { file: this.#file, line: Math.max(1, from.line), column: Math.max(1, from.col) }
    if (end <= start) return span
    const to = this.lines.linePos(end)
    return { ...span, endLine: Math.max(1, to.line), endColumn: Math.max(1, to.col) }
  }
}
