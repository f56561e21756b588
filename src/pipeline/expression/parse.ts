// Parses expressions: paths, constants, operators and calls as JEXL writes them, with the place of each mistake.
import { closing } from './bracket.ts'
import type { BinaryOperator, Problem, Syntax } from './syntax.ts'

/** More than anybody writes; they bound the time and the stack that a text can take. */
const MOST_PARTS = 500
const DEEPEST = 32

class Mistake extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** `levels[0]` binds the least. */
const levels: readonly (readonly (readonly [written: string, BinaryOperator])[])[] = [
  [['??', '??']],
  [
    ['||', '||'],
    ['or', '||'],
  ],
  [
    ['&&', '&&'],
    ['and', '&&'],
  ],
  [
    ['=~', '=~'],
    ['!~', '!~'],
    ['=^', '=^'],
    ['=$', '=$'],
    ['==', '=='],
    ['!=', '!='],
    ['eq', '=='],
    ['ne', '!='],
  ],
  [
    ['<=', '<='],
    ['>=', '>='],
    ['<', '<'],
    ['>', '>'],
    ['le', '<='],
    ['ge', '>='],
    ['lt', '<'],
    ['gt', '>'],
  ],
  [
    ['+', '+'],
    ['-', '-'],
  ],
  [
    ['*', '*'],
    ['/', '/'],
    ['%', '%'],
    ['div', '/'],
    ['mod', '%'],
  ],
]
const constants: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])
const words: ReadonlySet<string> = new Set([
  ...levels.flat().flatMap(([written]) => (/^[a-z]+$/.test(written) ? [written] : [])),
  'not',
  'empty',
])

/** The whole of `text` as one expression. `offset`: where it stands in what the caller reads, for the places of mistakes. */
export function parseSyntax(text: string, offset = 0): { readonly syntax: Syntax } | Problem {
  return attempt(text, offset, (parser) => parser.whole())
}

/** `raw` with its `<+` and `>`. */
export function parseBracket(raw: string, offset = 0): { readonly syntax: Syntax } | Problem {
  return attempt(raw, offset, (parser) => parser.bracketOnly())
}

function attempt(text: string, offset: number, read: (parser: Parser) => Syntax): { syntax: Syntax } | Problem {
  try {
    return { syntax: read(new Parser(text, offset, 0, text.length, { parts: 0 }, 0)) }
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    const { message, at } = error
    return { problem: message, part: text.slice(at, at + 64), at: at + offset }
  }
}

class Parser {
  readonly #text: string
  readonly #offset: number
  readonly #end: number
  readonly #count: { parts: number }
  readonly #depth: number
  #at: number

  constructor(text: string, offset: number, from: number, end: number, count: { parts: number }, depth: number) {
    this.#text = text
    this.#offset = offset
    this.#at = from
    this.#end = end
    this.#count = count
    this.#depth = depth
    if (depth > DEEPEST) throw new Mistake('it is nested too deeply', from)
  }

  whole(): Syntax {
    this.#space()
    if (this.#at >= this.#end) throw new Mistake('the expression is empty', Math.max(0, this.#at - 1))
    const found = this.#choice(0)
    this.#space()
    if (this.#at < this.#end) this.#fail(`\`${this.#rest()}\` stands in the wrong place`)
    return found
  }

  bracketOnly(): Syntax {
    const found = this.#bracket()
    if (this.#at < this.#end) this.#fail('something stands after its end')
    return found
  }

  #fail(message: string, at = this.#at): never {
    throw new Mistake(message, Math.min(at, Math.max(0, this.#text.length - 1)))
  }
  #rest(): string {
    return this.#text.slice(this.#at, Math.min(this.#end, this.#at + 64)).trim()
  }
  #space(): void {
    while (this.#at < this.#end && /\s/.test(this.#text[this.#at] ?? '')) this.#at += 1
  }
  #part<T extends Syntax>(syntax: T): T {
    this.#count.parts += 1
    if (this.#count.parts > MOST_PARTS) this.#fail('it is too long')
    return syntax
  }
  #take(written: string): boolean {
    this.#space()
    if (!this.#text.startsWith(written, this.#at) || this.#at + written.length > this.#end) return false
    if (/^[a-z]+$/.test(written) && /[\w$.]/.test(this.#text[this.#at + written.length] ?? '')) return false
    // `<+` always opens an expression; `!` before `=` or `~` is another operator.
    if (written === '<' && this.#text[this.#at + 1] === '+') return false
    if (written === '!' && /[=~]/.test(this.#text[this.#at + 1] ?? '')) return false
    this.#at += written.length
    return true
  }
  #need(written: string, message: string): void {
    if (!this.#take(written)) this.#fail(message)
  }

  #choice(depth: number): Syntax {
    if (depth + this.#depth > DEEPEST) this.#fail('it is nested too deeply')
    const when = this.#level(0, depth)
    if (this.#take('?:')) return this.#part({ kind: 'choice', when, met: when, otherwise: this.#choice(depth + 1) })
    if (!this.#take('?')) return when
    const met = this.#choice(depth + 1)
    this.#need(':', 'a choice `a ? b : c` has no `:`')
    return this.#part({ kind: 'choice', when, met, otherwise: this.#choice(depth + 1) })
  }

  #level(index: number, depth: number): Syntax {
    const operators = levels[index]
    if (!operators) return this.#unary(depth)
    let left = this.#level(index + 1, depth)
    for (;;) {
      const found = operators.find(([written]) => this.#take(written))
      if (!found) return left
      left = this.#part({ kind: 'binary', operator: found[1], left, right: this.#level(index + 1, depth) })
    }
  }

  #unary(depth: number): Syntax {
    if (depth + this.#depth > DEEPEST) this.#fail('it is nested too deeply')
    if (this.#take('!') || this.#take('not')) return this.#part({ kind: 'not', of: this.#unary(depth + 1) })
    if (this.#take('empty')) return this.#part({ kind: 'empty', of: this.#unary(depth + 1) })
    if (this.#take('-')) return this.#part({ kind: 'negate', of: this.#unary(depth + 1) })
    return this.#postfix(this.#primary(depth), depth)
  }

  #primary(depth: number): Syntax {
    this.#space()
    const character = this.#text[this.#at] ?? ''
    if (this.#at >= this.#end) this.#fail('it ends early')
    if (this.#text.startsWith('<+', this.#at)) return this.#bracket()
    if (character === '"' || character === "'") return this.#quoted(character)
    if (character === '(') return this.#inside(depth, ')', 'a parenthesis is not closed')
    if (character === '[') {
      this.#at += 1
      return this.#part({ kind: 'list', items: this.#items(']', depth) })
    }
    const number = this.#match(/\d+(?:\.\d+)?/y)
    if (number !== undefined) return this.#part({ kind: 'constant', value: Number(number) })
    return this.#name(depth)
  }

  #inside(depth: number, end: string, message: string): Syntax {
    this.#at += 1
    const found = this.#choice(depth + 1)
    this.#need(end, message)
    return found
  }

  #match(pattern: RegExp): string | undefined {
    const own = new RegExp(pattern)
    own.lastIndex = this.#at
    const found = own.exec(this.#text)?.[0]
    if (found === undefined || this.#at + found.length > this.#end) return undefined
    this.#at += found.length
    return found
  }

  /** `<+…>` as a part of something larger. */
  #bracket(): Syntax {
    const open = this.#at
    const end = closing(this.#text, open)
    if (end === undefined || end > this.#end) return this.#fail('an expression is not closed with >')
    const inner = new Parser(this.#text, this.#offset, open + 2, end - 1, this.#count, this.#depth + 1)
    const found = inner.whole()
    this.#at = end
    const raw = this.#text.slice(open, end)
    return found.kind === 'path' || found.kind === 'secret' ? { ...found, raw, at: open + this.#offset } : found
  }

  /** A quoted text; backslash keeps the next character, and expressions inside are read. */
  #quoted(quote: string): Syntax {
    const from = this.#at
    const parts: (string | Syntax)[] = []
    let literal = ''
    this.#at += 1
    for (;;) {
      if (this.#at >= this.#end) this.#fail('a quote is not closed', from)
      const character = this.#text[this.#at] ?? ''
      if (character === quote) break
      if (this.#text.startsWith('<+', this.#at)) {
        parts.push(literal, this.#bracket())
        literal = ''
        continue
      }
      const escaped = character === '\\' && this.#at + 1 < this.#end
      literal += escaped ? (this.#text[this.#at + 1] ?? '') : character
      this.#at += escaped ? 2 : 1
    }
    this.#at += 1
    if (parts.length === 0) return this.#part({ kind: 'constant', value: literal })
    return this.#part({ kind: 'text', parts: [...parts, literal].filter((part) => part !== '') })
  }

  #items(end: string, depth: number): readonly Syntax[] {
    const items: Syntax[] = []
    if (this.#take(end)) return items
    do items.push(this.#choice(depth + 1))
    while (this.#take(','))
    this.#need(end, `\`${end}\` is missing`)
    return items
  }

  /** A path: names joined by dots or quoted in brackets; what is called at its end is no part of it. */
  #name(depth: number): Syntax {
    const from = this.#at
    const first = this.#match(/[A-Za-z_$][\w$]*/y)
    if (first === undefined) return this.#fail(`\`${this.#rest()}\` is not part of a path`)
    if (constants.has(first)) return this.#part({ kind: 'constant', value: constants.get(first) ?? null })
    if (words.has(first)) this.#fail(`\`${first}\` stands in the wrong place`, from)
    if (this.#text[this.#at] === '(') return this.#call(undefined, first, from, depth)
    const path = [first]
    for (;;) {
      const before = this.#at
      const next = this.#pathName()
      if (next === undefined) return this.#pathSyntax(path, from, before)
      if (this.#text[this.#at] === '(') return this.#call(this.#pathSyntax(path, from, before), next, from, depth)
      path.push(next)
    }
  }

  /** `.name`, `.my-name`, `["any text"]`; moves on only when it is one. */
  #pathName(): string | undefined {
    const quoted = this.#match(/\s*\[\s*(?:"[^"<]*"|'[^'<]*')\s*\]/y)
    if (quoted !== undefined) return quoted.trim().slice(1, -1).trim().slice(1, -1)
    if (this.#match(/\s*\.\s*(?=[A-Za-z_$])/y) === undefined) {
      if (/^\s*\./.test(this.#text.slice(this.#at, this.#end))) this.#fail(`\`${this.#rest()}\` is not part of a path`)
      return undefined
    }
    return this.#match(/[A-Za-z_$][\w$]*(?:-[A-Za-z_][\w$]*)*/y)
  }

  #pathSyntax(path: readonly string[], from: number, end: number): Syntax {
    const raw = this.#text.slice(from, end)
    return this.#part({ kind: 'path', path: [...path], raw, at: from + this.#offset })
  }

  #call(of: Syntax | undefined, name: string, from: number, depth: number): Syntax {
    this.#at += 1
    const given = this.#items(')', depth)
    const raw = this.#text.slice(from, this.#at)
    const at = from + this.#offset
    if (of?.kind === 'path' && of.path[0] === 'secrets') {
      const [secret] = given
      if (of.path.length !== 1 || name !== 'getValue' || !secret || given.length !== 1)
        this.#fail('a secret is read with secrets.getValue("identifier")', from)
      return this.#part({ kind: 'secret', name: secret, raw: `<+${raw}>`, at })
    }
    return this.#part({ kind: 'call', of, name, given, raw, at })
  }

  #postfix(first: Syntax, depth: number): Syntax {
    let found = first
    for (;;) {
      const from = this.#at
      this.#space()
      const character = this.#at < this.#end ? this.#text[this.#at] : undefined
      if (character === '[') {
        found = this.#part({ kind: 'item', of: found, index: this.#inside(depth, ']', '`]` is missing') })
      } else if (character === '.') {
        this.#at += 1
        const name = this.#match(/[A-Za-z_$][\w$]*/y)
        if (name === undefined) this.#fail(`\`${this.#rest()}\` is not part of a path`)
        found =
          this.#text[this.#at] === '('
            ? this.#call(found, name, from, depth)
            : this.#part({ kind: 'field', of: found, name })
      } else {
        this.#at = from
        return found
      }
    }
  }
}
