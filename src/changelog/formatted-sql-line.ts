// Formatted SQL line by line: which directive a line is, or that it only looks like one.
import { nearest } from '#contract/spelling'

// The blanks that Java means by `\s`; JavaScript's `\s` takes a no-break space as well.
const b = '[ \\t\\v\\f]'
const line = (source: string) => new RegExp(`^${source.replaceAll('_', b)}$`, 'i')

const header = line('_*--_*liquibase_*formatted.*')
const badProperty = line('_*--?_*property_.*')
const ignoreLines = line('--_*ignoreLines:(\\w+)')
const badIgnore = line('(?:--_*ignore:\\w*|-_*ignoreLines:.*)')
const changeSet = line('_*--_*changeset_+("[^"]+"|[^:]+):("[^"]+"|[^ \\t\\v\\f]+)(.*)')
const badChangeSet = line('(?:-_*changeset_.*|_*--_*changeset.*)')
const comment = line('--_*comment:? (.*)')
const badComment = line('(?:-_*comment_.*|--_*comments_.*)')
const validCheckSum = line('--_*validCheckSum:? (.*)')
const badValidCheckSum = line('-_*validCheckSum:?_.*')
const rollback = line('_*--_*rollback (.*)')
const badRollback = line('_*-_*rollback_.*')
const rollbackBlock = line('_*/\\*_*liquibase_*rollback_*')
const preconditions = line('_*--_*preconditions(.*)')
const precondition = line('_*--_*precondition-([a-zA-Z0-9-]+) (.*)')
const badPrecondition = line('(?:_*-_*preconditions?(?:-.*|_.*)?|_*--_*precondition-[a-zA-Z0-9-]*)')

/** A line that begins or ends something outside the SQL of a change set. `rest` is what follows author and id. */
export type OuterDirective =
  | { readonly kind: 'header' | 'property' }
  | { readonly kind: 'ignore'; readonly amount: string }
  | { readonly kind: 'change-set'; readonly author: string; readonly id: string; readonly rest: string }
  | { readonly kind: 'malformed'; readonly expected: string }

const dash = '-'
const dashOrSlash = '-/'

/** Whether the first character that is no blank is one of `letters`: every directive begins so, and most lines are SQL. */
function beginsWith(letters: string, text: string): boolean {
  let index = 0
  while (index < text.length && ' \t\v\f'.includes(text[index]!)) index += 1
  return index < text.length && letters.includes(text[index]!)
}

/** Recognised wherever it stands. */
export function outerDirective(text: string): OuterDirective | undefined {
  if (!beginsWith(dash, text)) return undefined
  if (header.test(text)) return { kind: 'header' }
  if (badProperty.test(text))
    return isProperty(text) ? { kind: 'property' } : { kind: 'malformed', expected: '--property name:NAME value:VALUE' }
  const ignored = ignoreLines.exec(text)
  if (ignored) return { kind: 'ignore', amount: ignored[1]! }
  if (badIgnore.test(text)) return { kind: 'malformed', expected: '--ignoreLines:COUNT or --ignoreLines:start' }
  const found = changeSet.exec(text)
  if (found) {
    const [, author = '', id = '', rest = ''] = found
    return { kind: 'change-set', author: unquoted(author), id: unquoted(id), rest }
  }
  return badChangeSet.test(text) ? { kind: 'malformed', expected: '--changeset AUTHOR:ID' } : undefined
}

/** Two dashes, and two pairs with a blank between them. Written out because a regular expression would take too long on long lines. */
function isProperty(text: string): boolean {
  if (!/^[ \t\v\f]*--/.test(text)) return false
  const rest = text.slice(text.indexOf(':') + 1)
  const blank = rest.search(/[ \t\v\f]/)
  return text.includes(':') && blank >= 0 && rest.includes(':', blank)
}

export type InnerDirective =
  | { readonly kind: 'comment' | 'check-sum' | 'rollback' | 'preconditions'; readonly text: string }
  | { readonly kind: 'rollback-block' }
  | { readonly kind: 'precondition'; readonly name: string; readonly text: string }
  | { readonly kind: 'malformed'; readonly expected: string }

/** Recognised inside a change set; undefined is SQL. */
export function innerDirective(text: string): InnerDirective | undefined {
  if (!beginsWith(dashOrSlash, text)) return undefined
  const simple = [
    ['comment', comment],
    ['check-sum', validCheckSum],
    ['rollback', rollback],
    ['preconditions', preconditions],
  ] as const
  for (const [kind, pattern] of simple) {
    const found = pattern.exec(text)
    if (found) return { kind, text: found[1]! }
  }
  if (rollbackBlock.test(text)) return { kind: 'rollback-block' }
  const check = precondition.exec(text)
  if (check) return { kind: 'precondition', name: check[1]!, text: check[2]! }
  if (badComment.test(text)) return { kind: 'malformed', expected: '--comment TEXT' }
  if (badValidCheckSum.test(text)) return { kind: 'malformed', expected: '--validCheckSum SUM' }
  if (badRollback.test(text)) return { kind: 'malformed', expected: '--rollback SQL' }
  if (badPrecondition.test(text)) {
    return { kind: 'malformed', expected: '--preconditions onFail:… or --precondition-sql-check expectedResult:… SQL' }
  }
  return undefined
}

/** The text before the end of a rollback block, or undefined when the line does not end one. */
export function endOfBlock(text: string): string | undefined {
  return /^(.*)\*\/[ \t\v\f]*$/.exec(text)?.[1]
}

export function isHeader(text: string): boolean {
  return header.test(text)
}

export function isEndOfIgnored(text: string): boolean {
  return ignoreLines.exec(text)?.[1]?.toLowerCase() === 'end'
}

/** A line of SQL that was probably meant as a directive: what to write instead, or undefined. */
export function lookalike(text: string): string | undefined {
  if (!beginsWith(dash, text)) return beginsWith('/', text) ? lookalikeOfBlock(text) : undefined
  const found = /^([ \t]*)(-{1,3})[ \t]*([A-Za-z]+)(.*)$/.exec(text)
  if (!found) return undefined
  const [, indent = '', dashes = '', word = '', rest = ''] = found
  if (/^chan?ge?[ _-]?sets?$/i.test(word) || /^change$/i.test(word) || /^ch[a-z]{4,8}et$/i.test(word)) {
    return /^(?:[ _-]?set)?s?:?[ \t]+[^\s:]+:\S+/i.test(rest) ? '--changeset AUTHOR:ID' : undefined
  }
  if (dashes.length !== 2) return undefined
  if (/^rollbacks?$|^rol?l?l?back(?:ed)?$|^rolback$|^roolback$/i.test(word)) return '--rollback SQL'
  if (/^valid_?checksums?$/i.test(word)) return '--validCheckSum SUM at the very start of the line'
  if (/^preconditions?$/i.test(word)) return '--preconditions onFail:… or --precondition-sql-check …'
  if (/^ignorelines?$/i.test(word))
    return '--ignoreLines:COUNT, or --ignoreLines:start … --ignoreLines:end, alone on the line'
  if (/^comment$/i.test(word) && (indent !== '' ? /^:? \S/ : /^:\S/).test(rest))
    return '--comment TEXT at the very start'
  return misspeltDirective(text, word, rest)
}

const directives: Readonly<Record<string, string>> = {
  changeset: '--changeset AUTHOR:ID',
  rollback: '--rollback SQL',
  comment: '--comment TEXT',
  validCheckSum: '--validCheckSum SUM',
  preconditions: '--preconditions onFail:…',
  property: '--property name:NAME value:VALUE',
  ignoreLines: '--ignoreLines:COUNT',
}

/** A word that is nearly a directive, where prose is unlikely: right after the dashes, or before `name:value`. */
function misspeltDirective(text: string, word: string, rest: string): string | undefined {
  if (!/^[ \t]*--\w/.test(text) && !/^[ \t]+\w+:/.test(rest)) return undefined
  // One letter: `--commit` and `--changes` are words of their own, and so are plurals.
  const name = nearest(word, Object.keys(directives), 1)
  const written = word.toLowerCase()
  if (name === undefined || name[0] !== written[0]) return undefined
  return [name.toLowerCase(), `${name.toLowerCase()}s`].includes(written) ? undefined : directives[name]
}

function lookalikeOfBlock(text: string): string | undefined {
  const [, product = '', word = ''] = /^[ \t]*\/\*[ \t]*([A-Za-z]+)[ \t]+([A-Za-z]+)\b/.exec(text) ?? []
  if (nearest(product, ['liquibase']) === undefined || nearest(word, ['rollback']) === undefined) return undefined
  return '/* liquibase rollback on a line of its own, the SQL below it, and */ at the end'
}

/** Directives of the commercial edition, which are comments here. */
export function isCommercial(text: string): boolean {
  if (!beginsWith(dash, text)) return false
  return /^[ \t]*--[ \t]*(?:include(?:All)?[ \t]+(?:file|path):|rollbackSqlFile[ \t])/i.test(text)
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}
