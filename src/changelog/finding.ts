// Findings about a changelog: how readers report them, without ever stopping at the first.
import type { Diagnostic, Span } from '#contract/diagnostic'
import { changelogLimits } from './limit.ts'

/** Takes a finding; readers go on after it. */
export type Report = (finding: Diagnostic) => void

/** Something that makes the changelog unusable. */
export function problem(code: string, message: string, span: Span, fix?: string): Diagnostic {
  return { code: `changelog/${code}`, severity: 'error', message, span, ...(fix ? { fix } : {}) }
}

/** Something that Liquibase accepts, often in silence, and that is probably not meant. */
export function doubt(code: string, message: string, span: Span, fix?: string): Diagnostic {
  return { code: `changelog/${code}`, severity: 'warning', message, span, ...(fix ? { fix } : {}) }
}

/** The same report for parts that are not going to run: what would be an error there is only worth a warning. */
export function softened(report: Report): Report {
  return (finding) => report(finding.severity === 'error' ? { ...finding, severity: 'warning' } : finding)
}

/** Gathers findings up to the limit and counts the rest; of one code at one place the first is kept. */
export function gatherFindings(): { readonly report: Report; readonly findings: () => readonly Diagnostic[] } {
  const kept: Diagnostic[] = []
  const seen = new Set<string>()
  const more = { error: 0, warning: 0, info: 0 }
  return {
    report(finding) {
      const { file, line, column } = finding.span ?? { file: '', line: 0, column: 0 }
      const key = `${finding.code}\0${file}\0${line}\0${column}`
      if (seen.has(key)) return
      if (kept.length >= changelogLimits.findings) {
        more[finding.severity] += 1
        return
      }
      seen.add(key)
      kept.push(finding)
    },
    findings() {
      const total = more.error + more.warning + more.info
      if (total === 0) return kept
      const severity = more.error > 0 ? 'error' : 'warning'
      const message = `${total} more findings, ${more.error} of them errors, are not shown.`
      return [...kept, { code: 'changelog/too-many-findings', severity, message, span: kept[0]?.span }]
    },
  }
}
