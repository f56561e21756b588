// What a statement does to a database where every DDL statement commits: is it covered by a transaction, and what does it define?

/** One object that a statement defines: `kind` as in SHOW CREATE. */
export interface Defined {
  readonly kind: 'table' | 'procedure' | 'function' | 'trigger' | 'event'
  /** Undefined when the statement does not say it. */
  readonly schemaName: string | undefined
  readonly name: string
}

/** Comments before the first word; `/*!` and `/*M!` are executed and therefore none. */
function withoutLeadingComments(sql: string): string {
  const comment = /^(?:\s+|--[ \t][^\n]*(?:\n|$)|--(?:\n|$)|#[^\n]*(?:\n|$)|\/\*(?!M?!)[\s\S]*?\*\/)/
  let rest = sql
  for (let match = comment.exec(rest); match && match[0] !== ''; match = comment.exec(rest)) {
    rest = rest.slice(match[0].length)
  }
  return rest
}

/** Texts and quoted names hide what is in them, executable comments count as several statements. */
function hasSeveral(sql: string): boolean {
  const bare = sql.replace(/'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|\/\*(?!M?!)[\s\S]*?\*\//g, "''")
  return /\/\*M?!/.test(bare) || /;\s*\S/.test(bare)
}

const rows = /^(?:insert|replace|update|delete|select|values|with|do|explain|desc|describe|show)\b/i
/** Variables, and settings that last as long as the session and commit nothing. */
const settings =
  /^set\s+(?:@(?!@)|(?:session\s+|local\s+|@@(?:session\.|local\.)?)?(?:names|character\s+set|foreign_key_checks|unique_checks|sql_mode|sql_notes|sql_safe_updates|time_zone|timestamp|insert_id|last_insert_id|group_concat_max_len|max_statement_time|max_execution_time|lock_wait_timeout|innodb_lock_wait_timeout)\b)/i

/** A transaction that is rolled back undoes it, in tables of an engine with transactions (InnoDB). */
export function isCovered(sql: string): boolean {
  const text = withoutLeadingComments(sql)
  if (hasSeveral(text)) return false
  return settings.test(text) || (rows.test(text) && !/\binto\s+(?:outfile|dumpfile)\b/i.test(text))
}

const identifier = '(?:`(?:[^`]|``)+`|[\\p{L}\\p{N}_$]+)'
const qualified = `(${identifier})(?:\\s*\\.\\s*(${identifier}))?`
const pattern = (head: string): RegExp => new RegExp(`^${head}\\s+${qualified}`, 'iu')

const definer = '(?:definer\\s*=\\s*\\S+\\s+)?'
const tables: readonly RegExp[] = [
  pattern('create\\s+table(?:\\s+if\\s+not\\s+exists)?'),
  pattern('alter\\s+(?:online\\s+|ignore\\s+)*table(?:\\s+if\\s+exists)?'),
  pattern('drop\\s+table(?:\\s+if\\s+exists)?'),
  pattern('rename\\s+table(?:\\s+if\\s+exists)?'),
  pattern(
    `(?:create|alter)\\s+(?:or\\s+replace\\s+)?(?:algorithm\\s*=\\s*\\w+\\s+)?${definer}(?:sql\\s+security\\s+\\w+\\s+)?view(?:\\s+if\\s+not\\s+exists)?`,
  ),
  pattern('drop\\s+view(?:\\s+if\\s+exists)?'),
  pattern('(?:create|alter)\\s+sequence(?:\\s+if\\s+(?:not\\s+)?exists)?'),
  pattern('drop\\s+sequence(?:\\s+if\\s+exists)?'),
  pattern(
    `(?:create|drop)\\s+(?:or\\s+replace\\s+)?(?:online\\s+|offline\\s+)?(?:unique\\s+|fulltext\\s+|spatial\\s+)?index(?:\\s+if\\s+(?:not\\s+)?exists)?(?:\\s+${identifier})?(?:\\s+using\\s+\\w+)?\\s+on`,
  ),
]
const routines = (['procedure', 'function', 'trigger', 'event'] as const).map(
  (kind) =>
    [
      kind,
      pattern(
        `(?:create|alter|drop)\\s+(?:or\\s+replace\\s+)?${definer}(?:aggregate\\s+)?${kind}(?:\\s+if\\s+(?:not\\s+)?exists)?`,
      ),
    ] as const,
)

/**
 * Their effect is not in the definition, or they do more than one thing. What is left does nothing when it is repeated with the
 * definition that it found.
 */
const moreThanDefinition = /\b(?:exchange|truncate|discard|import|restart)\b/i

/** The one object whose definition tells whether the statement took effect; undefined when none does. */
export function definedBy(sql: string): Defined | undefined {
  const text = withoutLeadingComments(sql)
  for (const [kind, head] of routines) {
    const match = head.exec(text)
    // Their bodies contain semicolons.
    if (match && !/\/\*M?!/.test(text)) return named(kind, match)
  }
  if (hasSeveral(text) || moreThanDefinition.test(text)) return undefined
  if (/^create\s+or\s+replace\s+table\b/i.test(text)) return undefined
  // Several tables at once are several things.
  if (/^(?:drop|rename)\b[^(]*,/i.test(text)) return undefined
  for (const head of tables) {
    const match = head.exec(text)
    if (match) return named('table', match)
  }
  return undefined
}

function named(kind: Defined['kind'], [, first = '', second]: RegExpExecArray): Defined {
  return second === undefined
    ? { kind, schemaName: undefined, name: plain(first) }
    : { kind, schemaName: plain(first), name: plain(second) }
}

const plain = (name: string): string => (name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name)
