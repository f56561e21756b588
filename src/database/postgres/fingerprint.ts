// A canonical text of a PostgreSQL schema: two schemas with the same text are the same to their users.
import type { Row } from '../port.ts'

const here = 'n.nspname = coalesce($1, current_schema())'
const notHistory = "lower(c.relname) not in ('databasechangelog', 'databasechangeloglock')"

/** Each gives rows of `kind` and `text`. Positions of columns count among those that are left. */
const parts: readonly string[] = [
  `select 'table' as kind, concat_ws(' ', c.relname, c.relkind, c.relpersistence,
      obj_description(c.oid, 'pg_class'), (select spcname from pg_catalog.pg_tablespace t where t.oid = c.reltablespace)) as text
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where ${here} and ${notHistory} and c.relkind in ('r', 'p', 'f', 'v', 'm')`,
  `select 'column' as kind, concat_ws(' ', c.relname,
      row_number() over (partition by c.oid order by a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then 'not null' end, 'identity', a.attidentity, 'generated', a.attgenerated,
      'default', pg_get_expr(d.adbin, d.adrelid), 'remarks', col_description(c.oid, a.attnum)) as text
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where ${here} and ${notHistory} and c.relkind in ('r', 'p', 'f', 'v', 'm')`,
  `select 'constraint' as kind, concat_ws(' ', c.relname, k.conname, pg_get_constraintdef(k.oid)) as text
    from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${here} and ${notHistory}`,
  `select 'index' as kind, pg_get_indexdef(i.indexrelid) as text
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${here} and ${notHistory}`,
  `select 'sequence' as kind, concat_ws(' ', c.relname, format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin,
      s.seqmax, s.seqcache, s.seqcycle, 'owned by', (select o.relname || '.' || a.attname from pg_catalog.pg_depend p
        join pg_catalog.pg_class o on o.oid = p.refobjid
        join pg_catalog.pg_attribute a on a.attrelid = p.refobjid and a.attnum = p.refobjsubid
        where p.objid = c.oid and p.classid = 'pg_class'::regclass and p.deptype in ('a', 'i') limit 1)) as text
    from pg_catalog.pg_sequence s join pg_catalog.pg_class c on c.oid = s.seqrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${here}`,
  `select 'view' as kind, c.relname || ' ' || pg_get_viewdef(c.oid) as text
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where ${here} and c.relkind in ('v', 'm')`,
  `select 'routine' as kind, pg_get_functiondef(p.oid) as text
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where ${here} and p.prokind in ('f', 'p', 'w')
      and not exists (select 1 from pg_catalog.pg_depend e where e.objid = p.oid and e.deptype = 'e')`,
  `select 'trigger' as kind, pg_get_triggerdef(t.oid) as text
    from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${here} and not t.tgisinternal`,
  `select 'type' as kind, concat_ws(' ', t.typname, t.typtype,
      (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid)) as text
    from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where ${here} and t.typtype in ('e', 'd')`,
]

export async function fingerprint(rowsOf: (sql: string) => Promise<readonly Row[]>): Promise<string> {
  const rows = await rowsOf(parts.join('\nunion all\n'))
  const lines = rows.map((row) => `${String(row['kind'])}: ${String(row['text'])}`)
  return lines.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('\n')
}
