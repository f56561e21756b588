// Which lines of a long list are drawn: those on the screen and some around, for lines that are all equally high.

/** Lines drawn above and below the screen, so that a quick scroll shows no gap. */
const spare = 30
/** The window moves in steps, so that most scroll events change nothing. */
const step = 10

export interface LineWindow {
  /** Counted from 0. */
  readonly first: number
  /** After the last one. */
  readonly end: number
}

/** `top` and `height` of the visible part in lines, fractions allowed. */
export function lineWindow(count: number, top: number, height: number): LineWindow {
  const anchor = Math.floor(Math.max(0, Math.min(top, count - height)) / step) * step
  return {
    first: Math.max(0, anchor - spare),
    end: Math.min(count, anchor + step + Math.ceil(height) + spare),
  }
}
