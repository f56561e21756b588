// How a fault looks on a terminal: what happened, where in which file, and what to do.
import { randomUUID } from 'node:crypto'
import pc from 'picocolors'
import { formatDiagnostic } from '#contract/diagnostic'
import { Fault, faultKinds } from '#contract/fault'
import type { Terminal } from '../terminal.ts'

/** At most so many findings are printed; the rest is counted. */
const shownDiagnostics = 50

/** Prints it and gives back the exit code. Anything that is no Fault is a defect of ours and shown with its stack. */
export function printFault(terminal: Terminal, error: unknown): number {
  const color = pc.createColors(terminal.color)
  if (!(error instanceof Fault)) {
    const id = randomUUID().slice(0, 8)
    terminal.err(
      `${color.red(`defect ${id}:`)} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
    terminal.err(`  ${faultKinds.bug.hint}`)
    return faultKinds.bug.exit
  }
  const code = error.databaseCode ? `${error.code}, ${error.databaseCode}` : error.code
  terminal.err(`${color.red('error')} ${error.message} ${color.dim(`[${code}]`)}`)
  for (const diagnostic of error.diagnostics.slice(0, shownDiagnostics))
    terminal.err(indent(formatDiagnostic(diagnostic)))
  const more = error.diagnostics.length - shownDiagnostics
  if (more > 0) terminal.err(`  … and ${more} more`)
  if (error.hint !== '') terminal.err(`  ${color.dim(error.hint)}`)
  return faultKinds[error.code].exit
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
