// Where a command's data and log go: standard output and error, or the files that the settings name.
import { appendFileSync, openSync, closeSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Fault } from '#contract/fault'
import type { Settings } from '../target/setting.ts'
import type { Terminal } from '../terminal.ts'

export interface Destination {
  readonly terminal: Terminal
  /** A line for the log: what a person who watches wants to know. Nothing when the log level says so. */
  readonly log: (line: string) => void
  /** A statement that was sent to the database; undefined when its level is not logged. */
  readonly sql: ((text: string) => void) | undefined
  /** Writes what is still held back. Of a command that failed only what it had to give, and not as its result. */
  readonly close: (outcome: Outcome) => void
}

type Outcome = 'done' | 'failed'

const levels = ['OFF', 'SEVERE', 'WARNING', 'INFO', 'FINE', 'DEBUG', 'ALL'] as const
const encodings = { 'UTF-8': 'utf8', 'UTF-16LE': 'utf16le', 'ISO-8859-1': 'latin1', 'US-ASCII': 'ascii' } as const

/** Fault `usage` for a setting without meaning, or a file that cannot be written: before anything runs. */
export function openDestination(settings: Settings, terminal: Terminal): Destination {
  const level = levels.indexOf(settings.choose('log-level', levels, 'INFO'))
  const sqlLevel = levels.indexOf(settings.choose('sql-log-level', levels, 'FINE'))
  const output = openOutput(settings, terminal)
  const logFile = openLogFile(settings, terminal)
  const err = (text: string, severity: Severity = 'INFO'): void => {
    terminal.err(text)
    logFile?.(text, severity)
  }
  return {
    terminal: { ...pick(terminal), out: output?.write ?? terminal.out, err },
    log: (line) => {
      const severity = severityOf(line)
      if (level >= levels.indexOf(severity)) err(line, severity)
      else logFile?.(line, severity)
    },
    sql: level >= sqlLevel && sqlLevel > 0 ? (text) => err(text, 'FINE') : undefined,
    close: (outcome) => output?.close(outcome),
  }
}

/** A spread would call the getter of the signal, which changes how the process reacts to Ctrl-C. */
function pick(terminal: Terminal): Omit<Terminal, 'out' | 'err'> {
  const { live, color, environment, folder, clock } = terminal
  return {
    live,
    color,
    environment,
    folder,
    clock,
    get signal() {
      return terminal.signal
    },
  }
}

interface Output {
  readonly write: (text: string) => void
  readonly close: (outcome: Outcome) => void
}

function openOutput(settings: Settings, terminal: Terminal): Output | undefined {
  const lineEnd = lineEndOf(settings)
  const file = settings.get('output-file')
  if (file === undefined) {
    if (lineEnd === '\n') return undefined
    return { write: (text) => terminal.out(text.replaceAll(/\r?\n/g, lineEnd)), close: () => {} }
  }
  const encoding = encodings[settings.choose('output-file-encoding', Object.keys(encodings) as Encoding[], 'UTF-8')]
  const path = resolve(terminal.folder, file)
  checkWritable(path, file, '--output-file')
  const parts: string[] = []
  return {
    write: (text) => void parts.push(`${text}\n`),
    close: (outcome) => {
      if (outcome === 'failed' && parts.length === 0) return
      writeFileSync(path, parts.join('').replaceAll(/\r?\n/g, lineEnd), encoding)
      terminal.err(outcome === 'done' ? `Output saved to ${file}` : `What there was before the failure is in ${file}`)
    },
  }
}

type Encoding = keyof typeof encodings
type Severity = 'WARNING' | 'INFO' | 'FINE'

/** Findings about a changelog say it after their place, the engine says it first. */
function severityOf(line: string): Severity {
  return /^(?:Warning: |\S+:\d+:\d+ warning )/.test(line) ? 'WARNING' : 'INFO'
}

function lineEndOf(settings: Settings): '\n' | '\r\n' {
  const text = settings.get('output-line-separator')
  if (text === undefined || /^(?:LF|\\n|\n)$/i.test(text)) return '\n'
  if (/^(?:CRLF|\\r\\n|\r\n)$/i.test(text)) return '\r\n'
  throw new Fault('usage', `--output-line-separator ${JSON.stringify(text)} is not known.`, { hint: 'Use LF or CRLF.' })
}

/** Lines as `[2026-11-25 21:08:18] INFO [sluice] text`, or one JSON object each. Time is UTC. */
function openLogFile(settings: Settings, terminal: Terminal): ((text: string, severity: Severity) => void) | undefined {
  const format = settings.choose('log-format', ['TEXT', 'JSON', 'JSON_PRETTY'], 'TEXT')
  const file = settings.get('log-file')
  if (file === undefined) return undefined
  const path = resolve(terminal.folder, file)
  if (file.endsWith('.gz'))
    throw new Fault('usage', '--log-file cannot be compressed.', { hint: 'Name it without .gz.' })
  checkWritable(path, file, '--log-file')
  return (message, level) => {
    const timestamp = new Date(terminal.clock()).toISOString()
    const line =
      format === 'TEXT'
        ? `[${timestamp.slice(0, 19).replace('T', ' ')}] ${level} [sluice] ${message}`
        : JSON.stringify({ timestamp, level, message }, null, format === 'JSON' ? 0 : 2)
    appendFileSync(path, `${line}\n`)
  }
}

function checkWritable(path: string, file: string, flag: string): void {
  try {
    closeSync(openSync(path, 'a'))
  } catch (cause) {
    throw new Fault('usage', `${file} cannot be written.`, { hint: `Check ${flag}.`, cause })
  }
}
