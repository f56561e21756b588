// Findings of the server as marks in the text of an editor.
import { type Extension, StateEffect, StateField, type Text } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'
import type { Diagnostic } from '#contract/diagnostic'

export const showFindings = StateEffect.define<readonly Diagnostic[]>()

/** Offset of a line and column counted from 1; what lies beyond the text is moved to its end. */
export function offsetOf(text: Text, line: number, column: number): number {
  const found = text.line(Math.min(Math.max(1, line), text.lines))
  return Math.min(found.to, found.from + Math.max(0, column - 1))
}

function marksOf(text: Text, diagnostics: readonly Diagnostic[]): DecorationSet {
  const marks = diagnostics.flatMap(({ span, severity }) => {
    if (!span) return []
    const from = offsetOf(text, span.line, span.column)
    const lineEnd = text.lineAt(from).to
    const to =
      span.endLine === undefined ? lineEnd : offsetOf(text, span.endLine, span.endColumn ?? Number.MAX_SAFE_INTEGER)
    const line = Decoration.line({ class: 'cm-finding-line' }).range(text.lineAt(from).from)
    // An empty range cannot be marked; then the bar at the line alone shows the place.
    if (to <= from) return [line]
    const name = severity === 'error' ? 'cm-finding-error' : 'cm-finding-warning'
    return [line, Decoration.mark({ class: name }).range(from, Math.min(to, lineEnd))]
  })
  return Decoration.set(marks, true)
}

export const findingMarks: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let present = marks.map(transaction.changes)
    for (const effect of transaction.effects) {
      if (effect.is(showFindings)) present = marksOf(transaction.state.doc, effect.value)
    }
    return present
  },
  provide: (field) => EditorView.decorations.from(field),
})
