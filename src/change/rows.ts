// The rows of a data file that is too large to be held as values: the text stays, and a row is made when it is asked for.
import { type CsvOptions, type CsvRecord, readCsv } from './csv.ts'
import type { ColumnValue, Rows } from './statement.ts'

/** Every so many rows their place in the text is kept, which is where reading can begin. */
export const stride = 500

/** Where the rows come from. All of it was read once before, so that nothing is left to be found wrong. */
export interface RowSource {
  readonly text: string
  readonly options: CsvOptions
  readonly rowOf: (record: CsvRecord) => readonly ColumnValue[]
  /** Offsets of rows 0, `stride`, 2 × `stride` … in `text`. */
  readonly marks: readonly number[]
}

export class FileRows implements Rows {
  readonly samples: Rows['samples']
  private readonly source: RowSource
  private readonly start: number
  private readonly end: number

  constructor(source: RowSource, start: number, end: number, samples: Rows['samples']) {
    this.source = source
    this.start = start
    this.end = end
    this.samples = samples
  }

  get length(): number {
    return this.end - this.start
  }

  slice(start: number, end: number): Rows {
    const last = Math.min(this.start + end, this.end)
    return new FileRows(this.source, Math.min(this.start + start, last), last, this.samples)
  }

  *[Symbol.iterator](): Generator<readonly ColumnValue[]> {
    const { text, options, rowOf, marks } = this.source
    if (this.length === 0) return
    const mark = Math.floor(this.start / stride)
    let row = mark * stride
    for (const record of readCsv(text, options, () => {}, marks[mark])) {
      if (row >= this.start) yield rowOf(record)
      row += 1
      if (row === this.end) return
    }
  }
}

/** More forms than this in one column stand for nothing any more. */
const mostForms = 64

/** Gathers for each column one value of every form, see `Rows.samples`. */
export class Samples {
  private readonly columns: (Map<string | number, ColumnValue> | undefined)[]

  constructor(columns: number) {
    this.columns = Array.from({ length: columns }, () => new Map<string | number, ColumnValue>())
  }

  add(row: readonly ColumnValue[]): void {
    for (let index = 0; index < row.length; index += 1) {
      const value = row[index]
      const forms = this.columns[index]
      if (value === undefined || forms === undefined) continue
      const form = formOf(value)
      if (forms.has(form)) continue
      forms.set(form, value)
      if (forms.size > mostForms) this.columns[index] = undefined
    }
  }

  get result(): Rows['samples'] {
    const found: (readonly ColumnValue[])[] = []
    for (const forms of this.columns) {
      if (forms === undefined) return undefined
      found.push([...forms.values()])
    }
    return found
  }
}

function formOf(value: ColumnValue): string | number {
  if (value.kind === 'numeric') return value.text
  return value.kind === 'computed' ? numberForm(value.expression) : value.kind
}

/** Of a plain number its sign and how many digits it has before and after the point; of anything else all of it. */
function numberForm(text: string): string | number {
  const sign = text.charCodeAt(0) === 45 ? 1 : 0
  let before = 0
  let after = 0
  let inFraction = false
  for (let index = sign; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 46 && !inFraction) inFraction = true
    else if (code < 48 || code > 57) return text
    else if (inFraction) after += 1
    else before += 1
  }
  if (before === 0 || before > 99 || after > 99 || inFraction !== after > 0) return text
  return (before * 100 + after) * 2 + sign
}
