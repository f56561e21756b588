// The attributes that createSequence and alterSequence share.
import { type AttributesOf, type Reading, boolean, integer, report, text } from './field.ts'
import type { SequenceOptions } from './statement.ts'

export const sequenceFields = {
  cacheSize: integer(),
  cycle: boolean(),
  dataType: text(),
  incrementBy: integer(),
  maxValue: integer(),
  minValue: integer(),
  ordered: boolean(),
}

export function optionsOf(attributes: AttributesOf<typeof sequenceFields>): SequenceOptions {
  const { cacheSize, cycle, dataType, incrementBy, maxValue, minValue, ordered } = attributes
  return { cacheSize, cycle, dataType, incrementBy, maxValue, minValue, ordered, startValue: undefined }
}

const withoutSequences = ['sqlite', 'mysql']

/** The original engine leaves such changes out silently, so that one changelog serves several databases. */
export function warnWithoutSequences(reading: Reading): void {
  if (!withoutSequences.includes(reading.dbms)) return
  const message = `${reading.title} does nothing on ${reading.dbms}, which has no sequences`
  report(reading, 'change/left-out', message, reading.node.span, {
    severity: 'warning',
    fix: `Give the change set a dbms list without ${reading.dbms} to say so.`,
  })
}
