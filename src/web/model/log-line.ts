// One line of a log as it is drawn: its time, its level, and the text in coloured pieces (ANSI colours become classes).

export type Level = 'error' | 'warning' | 'info' | 'debug'
export interface Piece {
  readonly text: string
  /** `bold`, `dim` and one of `red green yellow blue magenta cyan`. */
  readonly marks: readonly string[]
}
export interface LogLine {
  /** Time of day as written, without date, when the line starts with an ISO time. */
  readonly time: string | undefined
  readonly level: Level | undefined
  readonly pieces: readonly Piece[]
}

const leadingTime = /^\[?\d{4}-\d\d-\d\d[T ](\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)(?:Z|[+-]\d\d:?\d\d)?\]?(?: |$)/
const leadingLevel = /^\[?(ERROR|SEVERE|FATAL|WARN(?:ING)?|INFO|NOTICE|DEBUG|TRACE|FINE)\]?:?(?:\s{1,2}|$)/
const levels: Readonly<Record<string, Level>> = {
  ERROR: 'error',
  SEVERE: 'error',
  FATAL: 'error',
  WARN: 'warning',
  WARNING: 'warning',
  INFO: 'info',
  NOTICE: 'info',
  DEBUG: 'debug',
  TRACE: 'debug',
  FINE: 'debug',
}

const colours = ['', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', '']
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const escapeSequence = /\u001b\[([0-9;]*)([A-Za-z])/g

function applyCodes(marks: readonly string[], codes: string): readonly string[] {
  let present = marks
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) present = []
    else if (code === 1) present = [...present.filter((mark) => mark !== 'bold'), 'bold']
    else if (code === 2) present = [...present.filter((mark) => mark !== 'dim'), 'dim']
    else if (code === 22) present = present.filter((mark) => mark !== 'bold' && mark !== 'dim')
    else if ((code >= 30 && code <= 39) || (code >= 90 && code <= 97)) {
      const colour = code === 39 ? '' : (colours[code % 10] ?? '')
      present = [...present.filter((mark) => !colours.includes(mark)), ...(colour ? [colour] : [])]
    }
  }
  return present
}

/** Splits at ANSI sequences; those that are not about colour are dropped. Carriage returns keep what was written last. */
export function parsePieces(text: string): readonly Piece[] {
  const visible = text.includes('\r') ? (text.replace(/\r+$/, '').split('\r').at(-1) ?? '') : text
  if (!visible.includes('\u001b')) return visible === '' ? [] : [{ text: visible, marks: [] }]
  const pieces: Piece[] = []
  let marks: readonly string[] = []
  let end = 0
  for (const match of visible.matchAll(escapeSequence)) {
    if (match.index > end) pieces.push({ text: visible.slice(end, match.index), marks })
    if (match[2] === 'm') marks = applyCodes(marks, match[1] ?? '')
    end = match.index + match[0].length
  }
  if (end < visible.length) pieces.push({ text: visible.slice(end), marks })
  return pieces
}

export function parseLine(raw: string): LogLine {
  const time = leadingTime.exec(raw)
  const afterTime = time ? raw.slice(time[0].length) : raw
  const level = leadingLevel.exec(afterTime)
  return {
    time: time?.[1],
    level: level ? levels[(level[1] ?? '').toUpperCase()] : undefined,
    pieces: parsePieces(level ? afterTime.slice(level[0].length) : afterTime),
  }
}
