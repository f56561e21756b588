// CodeMirror, loaded only when code is shown. It lives in a shadow root: there it adopts constructed style sheets, where it
// would else write <style> elements, which the content security policy forbids.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { useEffect, useRef } from 'react'
import type { Diagnostic } from '#contract/diagnostic'
import type { CodeProps } from './code.tsx'
import { findingMarks, offsetOf, showFindings } from './code-finding.ts'
import { codeColours, editorTheme } from './code-style.ts'

const languages: Readonly<Record<CodeProps['language'], () => Extension>> = {
  sql: () => sql({ dialect: PostgreSQL }),
  yaml: () => yaml(),
}

function extensionsOf(props: CodeProps, changed: (text: string) => void): Extension[] {
  const common = [
    editorTheme,
    syntaxHighlighting(codeColours),
    lineNumbers(),
    drawSelection(),
    languages[props.language](),
    keymap.of(defaultKeymap),
    findingMarks,
  ]
  const readOnly = !props.onChange
  const attributes = EditorView.contentAttributes.of({
    'aria-label': props.label,
    tabindex: '0',
    ...(readOnly ? { 'aria-readonly': 'true' } : {}),
  })
  if (readOnly) return [...common, attributes, EditorState.readOnly.of(true), EditorView.lineWrapping]
  return [
    ...common,
    attributes,
    history(),
    keymap.of(historyKeymap),
    bracketMatching(),
    indentUnit.of('  '),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString())
    }),
  ]
}

function goTo(view: EditorView, diagnostic: Diagnostic): void {
  const { span } = diagnostic
  if (!span) return
  const at = offsetOf(view.state.doc, span.line, span.column)
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
  view.focus()
}

export default function CodeEditor(props: CodeProps) {
  const { text, language, label, diagnostics, place } = props
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<EditorView>(undefined)
  const latest = useRef(props)
  latest.current = props
  const writable = props.onChange !== undefined

  useEffect(() => {
    if (!host.current) return undefined
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' })
    const view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: extensionsOf(latest.current, (changed) => latest.current.onChange?.(changed)),
      }),
    })
    editor.current = view
    return () => {
      view.destroy()
      editor.current = undefined
    }
  }, [language, label, writable])

  useEffect(() => {
    const view = editor.current
    if (view && view.state.doc.toString() !== text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    }
  }, [text])

  useEffect(() => {
    editor.current?.dispatch({ effects: showFindings.of(diagnostics ?? []) })
  }, [diagnostics])

  useEffect(() => {
    if (editor.current && place) goTo(editor.current, place.diagnostic)
  }, [place])

  return <div ref={host} className={props.className} data-code={language} />
}
