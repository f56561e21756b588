// A log of any length: only the lines on the screen are drawn. Follows the end until the reader scrolls up; can be searched.
import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue, useMergedRef, useResizeObserver } from '@mantine/hooks'
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import type { LogBuffer } from '../model/log-buffer.ts'
import { lineWindow } from '../model/line-window.ts'
import { parseLine } from '../model/log-line.ts'
import { findMatches, type Matches, nextMatch, noMatches } from '../model/log-search.ts'
import { Icon } from './icon.tsx'
import style from './log-view.module.css'

const lineHeight = 20
/** Pixels from the end that still count as the end. */
const nearEnd = 30

/** Renders at most once per frame, however often the buffer grows. */
function useBufferVersion(buffer: LogBuffer): number {
  const subscribe = useCallback(
    (changed: () => void) => {
      let frame: number | undefined
      const leave = buffer.subscribe(() => {
        frame ??= requestAnimationFrame(() => {
          frame = undefined
          changed()
        })
      })
      return () => {
        leave()
        if (frame !== undefined) cancelAnimationFrame(frame)
      }
    },
    [buffer],
  )
  return useSyncExternalStore(subscribe, () => buffer.version)
}

function useSearch(buffer: LogBuffer, version: number, text: string): Matches {
  const [needle] = useDebouncedValue(text, 120)
  const before = useRef<{ readonly buffer: LogBuffer; readonly version: number; readonly matches: Matches }>(undefined)
  const known = before.current
  if (known?.buffer === buffer && known.version === version && known.matches.needle === needle) return known.matches
  const matches = findMatches(buffer.lines, needle, known?.buffer === buffer ? known.matches : noMatches)
  before.current = { buffer, version, matches }
  return matches
}

export function LogView({
  buffer,
  name,
  state,
}: {
  readonly buffer: LogBuffer
  /** For the file to save, and for those who cannot see what it is. */
  readonly name: string
  /** What the connection is doing, in words. */
  readonly state: ReactNode
}) {
  const version = useBufferVersion(buffer)
  const [text, setText] = useState('')
  const matches = useSearch(buffer, version, text)
  const [match, setMatch] = useState<number>()
  const [follows, setFollows] = useState(true)
  const scroller = useRef<HTMLElement>(null)
  const [measure, size] = useResizeObserver<HTMLElement>()
  const attach = useMergedRef(scroller, measure)
  const [top, setTop] = useState(0)
  const lastTop = useRef(0)
  const { lines } = buffer
  const height = size.height / lineHeight
  // Who follows is at the end even before the browser has scrolled there.
  const { first, end } = lineWindow(lines.length, follows ? lines.length : top / lineHeight, height)

  useLayoutEffect(() => {
    const element = scroller.current
    if (follows && element) element.scrollTop = element.scrollHeight
  }, [follows, version, lines.length, height])
  useEffect(() => setMatch(undefined), [matches.needle, buffer])

  function onScroll(): void {
    const element = scroller.current
    if (!element) return
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd
    // New lines also take the end away; only a move upwards is the reader's wish.
    if (element.scrollTop < lastTop.current - 1 && !atEnd) setFollows(false)
    else if (atEnd) setFollows(true)
    lastTop.current = element.scrollTop
    setTop(element.scrollTop)
  }

  function step(direction: 1 | -1): void {
    const next = nextMatch(matches.lines.length, match, direction)
    setMatch(next)
    const line = next === undefined ? undefined : matches.lines[next]
    if (line === undefined) return
    setFollows(false)
    scroller.current?.scrollTo({ top: Math.max(0, line - height / 2) * lineHeight })
  }

  function onSearchKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter') return
    event.preventDefault()
    step(event.shiftKey ? -1 : 1)
  }

  const digits = String(lines.length).length
  const presentLine = match === undefined ? undefined : matches.lines[match]
  return (
    <div className={style.view}>
      <div className={style.bar}>
        <TextInput
          className={style.search}
          aria-label="Search the log"
          placeholder="Search"
          leftSection={<Icon name="search" size={14} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onSearchKey}
        />
        {matches.needle === '' ? null : (
          <>
            <span className={`${style.count} number`} role="status">
              {match === undefined ? '' : `${match + 1} of `}
              {matches.lines.length} {matches.lines.length === 1 && match === undefined ? 'line' : 'lines'}
            </span>
            <Button variant="default" disabled={matches.lines.length === 0} onClick={() => step(-1)}>
              Previous
            </Button>
            <Button variant="default" disabled={matches.lines.length === 0} onClick={() => step(1)}>
              Next
            </Button>
          </>
        )}
        <span className={style.state}>{state}</span>
        <Button
          variant={follows ? 'light' : 'default'}
          aria-pressed={follows}
          leftSection={<Icon name="down" size={14} />}
          onClick={() => setFollows(!follows)}
        >
          Follow
        </Button>
        <Button
          variant="default"
          leftSection={<Icon name="download" size={14} />}
          disabled={lines.length === 0}
          onClick={() => save(`${name}.log`, buffer.text())}
        >
          Save
        </Button>
      </div>
      <section
        ref={attach}
        className={style.lines}
        onScroll={onScroll}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={`Log of ${name}, ${lines.length} lines`}
      >
        <div className={style.all} style={{ height: lines.length * lineHeight }}>
          {lines.slice(first, end).map((raw, index) => (
            <Line
              key={first + index}
              raw={raw}
              number={String(first + index + 1).padStart(digits)}
              top={(first + index) * lineHeight}
              needle={matches.needle}
              isMatch={first + index === presentLine}
            />
          ))}
        </div>
      </section>
    </div>
  )
}

function Line({
  raw,
  number,
  top,
  needle,
  isMatch,
}: {
  readonly raw: string
  readonly number: string
  readonly top: number
  readonly needle: string
  readonly isMatch: boolean
}) {
  const { time, level, pieces } = parseLine(raw)
  return (
    <div
      className={style.line}
      style={{ top, height: lineHeight }}
      data-level={level}
      data-match={isMatch || undefined}
    >
      <span className={style.number}>{number}</span>
      {time === undefined ? null : <span className={style.time}>{time}</span>}
      <span className={style.text}>
        {pieces.map((piece, index) => (
          <span key={index} className={piece.marks.map((mark) => style[mark]).join(' ')}>
            {needle === '' ? piece.text : marked(piece.text, needle)}
          </span>
        ))}
      </span>
    </div>
  )
}

/** The text with every occurrence of the needle marked. */
function marked(text: string, needle: string): ReactNode[] {
  const lower = text.toLowerCase()
  const wanted = needle.toLowerCase()
  const parts: ReactNode[] = []
  let end = 0
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, end)) {
    parts.push(text.slice(end, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>)
    end = at + wanted.length
  }
  parts.push(text.slice(end))
  return parts
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
