// Shows a running update or rollback: one line that is replaced on a terminal, plain lines when piped.
import pc from 'picocolors'
import { changeSetFqn } from '#contract/change-set'
import type { PlannedStep, ProgressListener } from '#engine/plan'
import type { Terminal } from '../terminal.ts'

export function progressListener(terminal: Terminal): ProgressListener {
  const color = pc.createColors(terminal.color)
  let count = 0
  return {
    changeSetStarted(step) {
      count += 1
      const text = `${verbOf(step)}: ${nameOf(step)}`
      if (terminal.live) terminal.live(`${color.dim(`${count}`)} ${text}`)
      else terminal.err(text)
      return Promise.resolve()
    },
    changeSetFinished(step, result) {
      const time = `${Math.round(result.duration)} ms`
      if (result.status === 'failed') terminal.err(`${color.red('failed')} ${nameOf(step)} after ${time}`)
      else if (terminal.live)
        terminal.err(`${color.green(wordOf(step, result.status))} ${nameOf(step)} ${color.dim(time)}`)
      return Promise.resolve()
    },
    line: terminal.err,
    mayContinue: () => Promise.resolve(),
  }
}

function verbOf(step: PlannedStep): string {
  return step.direction === 'apply' ? 'Running Changeset' : 'Rolling Back Changeset'
}

function wordOf(step: PlannedStep, status: 'done' | 'skipped' | 'marked-ran'): string {
  if (status !== 'done') return status
  return step.direction === 'apply' ? 'ran' : 'rolled back'
}

function nameOf({ changeSet }: PlannedStep): string {
  return changeSetFqn({ ...changeSet, fileName: changeSet.path })
}
