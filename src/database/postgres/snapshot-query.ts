// The catalog queries of a PostgreSQL snapshot: one for each kind of object, whatever the size. `$1` stands for an array of schema names.

const visible = 'n.nspname = any($1::text[])'
/** What an extension brought comes with the extension. */
const own = (catalog: string, object: string): string =>
  `not exists (select 1 from pg_catalog.pg_depend e
    where e.classid = '${catalog}'::regclass and e.objid = ${object} and e.deptype = 'e')`
const relations = 'pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace'
/** A join, because the functions that give remarks are asked anew for every row. */
const remarksOf = (object: string, catalog: string, part = '0'): string =>
  `left join pg_catalog.pg_description z on z.classoid = '${catalog}'::regclass and z.objoid = ${object} and z.objsubid = ${part}`

export const tableQuery = `
  select c.oid::text as id, n.nspname::text as schema, c.relname::text as name, c.relkind::text as kind,
    c.relpersistence::text as persistence, array_to_string(c.reloptions, ', ') as options, s.spcname::text as tablespace,
    z.description as remarks,
    case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end as query,
    case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end as divided,
    case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, c.oid) end as bound,
    pn.nspname::text as parent_schema, p.relname::text as parent
  from ${relations}
  ${remarksOf('c.oid', 'pg_class')}
  left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
  left join pg_catalog.pg_inherits h on h.inhrelid = c.oid and h.inhseqno = 1
  left join pg_catalog.pg_class p on p.oid = h.inhparent
  left join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
  where ${visible} and c.relkind in ('r', 'p', 'f', 'v', 'm') and ${own('pg_class', 'c.oid')}`

export const columnQuery = `
  select a.attrelid::text as relation, a.attnum::int4 as number, a.attname::text as name, not a.attnotnull as nullable,
    pg_catalog.format_type(a.atttypid, a.atttypmod) as type, a.atttypmod as modifier,
    t.typname::text as type_name, t.typtype::text as type_kind, b.typname::text as base_name, t.typtypmod as base_modifier,
    e.typname::text as element_name,
    a.attidentity::text as identity, a.attgenerated::text as generated,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid) as default_value,
    case when a.attcollation <> t.typcollation then l.collname::text end as collation,
    ln.nspname::text as collation_schema,
    z.description as remarks
  from ${relations}
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ${remarksOf('a.attrelid', 'pg_class', 'a.attnum')}
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_type b on b.oid = t.typbasetype and t.typtype = 'd'
  left join pg_catalog.pg_type e on e.oid = t.typelem and t.typcategory = 'A'
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  left join pg_catalog.pg_collation l on l.oid = a.attcollation
  left join pg_catalog.pg_namespace ln on ln.oid = l.collnamespace
  where ${visible} and c.relkind in ('r', 'p', 'f', 'v', 'm')
  order by a.attrelid, a.attnum`

/** Those that a partition has from its parent come with the parent. */
export const constraintQuery = `
  select k.conrelid::text as relation, k.conname::text as name, k.contype::text as kind, k.conkey::text as columns,
    k.confrelid::text as referenced, rn.nspname::text as referenced_schema, r.relname::text as referenced_table,
    k.confkey::text as referenced_columns, k.confdeltype::text as on_delete, k.confupdtype::text as on_update,
    k.condeferrable as deferrable, k.condeferred as deferred, k.convalidated as validated,
    pg_catalog.pg_get_constraintdef(k.oid) as definition, x.relname::text as index_name
  from ${relations}
  join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.conparentid = 0 and k.contype in ('p', 'u', 'f', 'c', 'x')
    and (k.conislocal or k.coninhcount = 0)
  left join pg_catalog.pg_class r on r.oid = k.confrelid
  left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
  left join pg_catalog.pg_class x on x.oid = k.conindid and k.contype in ('p', 'u', 'x')
  where ${visible}
  order by k.conname`

/** The columns that keys of other schemas point at, which are not among the columns that were read. */
export const referencedColumnQuery = `
  select distinct a.attrelid::text as relation, a.attnum::int4 as number, a.attname::text as name
  from ${relations}
  join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype = 'f'
  join pg_catalog.pg_class r on r.oid = k.confrelid
  join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace and not rn.nspname = any($1::text[])
  join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = any(k.confkey)
  where ${visible}`

/**
 * The whole statement is the dearest part, so it is asked for only where names of columns may not say it all: a condition,
 * expressions, options, an order or operator class that is not the usual one, a collation, and unique indexes without a
 * constraint, which may treat NULL in two ways.
 */
const plainIndex = `i.indpred is null and i.indexprs is null and x.reloptions is null and (k.oid is not null or not i.indisunique)
      and i.indoption::int2[] <@ '{0,3}'::int2[] and i.indcollation::oid[] <@ '{0,100}'::oid[]
      and not i.indclass::oid[] && (select array_agg(p.oid) from pg_catalog.pg_opclass p where not p.opcdefault)`

export const indexQuery = `
  select i.indrelid::text as relation, x.relname::text as name, i.indisunique as "unique", i.indisclustered as clustered,
    i.indkey::text as columns, i.indoption::text as options, i.indnkeyatts::int4 as keys, m.amname::text as method,
    s.spcname::text as tablespace,
    case when not (${plainIndex}) then pg_catalog.pg_get_indexdef(i.indexrelid, 0, true) end as definition,
    case when i.indexprs is not null then
      (select json_agg(pg_catalog.pg_get_indexdef(i.indexrelid, o.place::int4, true) order by o.place)
        from generate_series(1, i.indnatts) o(place))::text end as texts,
    k.oid is not null as backs
  from ${relations}
  join pg_catalog.pg_index i on i.indrelid = c.oid
  join pg_catalog.pg_class x on x.oid = i.indexrelid and not x.relispartition
  join pg_catalog.pg_am m on m.oid = x.relam
  left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
  left join pg_catalog.pg_tablespace s on s.oid = x.reltablespace
  where ${visible}
  order by x.relname`

/** `kind`: `i` behind an identity column, `a` owned by a column. */
export const sequenceQuery = `
  select c.oid::text as id, n.nspname::text as schema, c.relname::text as name, pg_catalog.format_type(s.seqtypid, null) as type,
    s.seqstart::text as start, s.seqincrement::text as increment, s.seqmin::text as min, s.seqmax::text as max,
    s.seqcache::text as cache, s.seqcycle as cycle, d.deptype::text as kind, d.refobjid::text as relation,
    d.refobjsubid::int4 as number, o.relname::text as owner, a.attname::text as owner_column, z.description as remarks
  from ${relations}
  ${remarksOf('c.oid', 'pg_class')}
  join pg_catalog.pg_sequence s on s.seqrelid = c.oid
  left join pg_catalog.pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
  left join pg_catalog.pg_class o on o.oid = d.refobjid
  left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where ${visible} and ${own('pg_class', 'c.oid')}
  order by c.relname`

export const routineQuery = `
  select p.oid::text as id, n.nspname::text as schema, p.proname::text as name, p.prokind::text as kind, l.lanname::text as language,
    pg_catalog.pg_get_function_identity_arguments(p.oid) as arguments,
    case when p.prokind <> 'a' then pg_catalog.pg_get_functiondef(p.oid) end as definition, z.description as remarks
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  ${remarksOf('p.oid', 'pg_proc')}
  join pg_catalog.pg_language l on l.oid = p.prolang
  where ${visible} and p.prokind in ('f', 'p', 'w') and ${own('pg_proc', 'p.oid')}
  order by p.proname, arguments`

export const triggerQuery = `
  select t.tgrelid::text as relation, t.tgname::text as name, t.tgenabled::text as enabled,
    pg_catalog.pg_get_triggerdef(t.oid, true) as definition
  from ${relations}
  join pg_catalog.pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal and t.tgparentid = 0
  where ${visible}
  order by t.tgname`

export const typeQuery = `
  select t.oid::text as id, n.nspname::text as schema, t.typname::text as name, t.typtype::text as kind,
    (select json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid)::text as labels,
    pg_catalog.format_type(t.typbasetype, t.typtypmod) as base, t.typnotnull as not_null, t.typdefault as default_value,
    case when t.typcollation <> b.typcollation then l.collname::text end as collation,
    (select json_agg(json_build_array(k.conname, pg_catalog.pg_get_constraintdef(k.oid)) order by k.conname)
      from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype = 'c')::text as checks,
    (select json_agg(json_build_array(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)) order by a.attnum)
      from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
      and t.typtype = 'c')::text as fields,
    (select pg_catalog.format_type(r.rngsubtype, null) from pg_catalog.pg_range r where r.rngtypid = t.oid) as subtype,
    z.description as remarks
  from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  ${remarksOf('t.oid', 'pg_type')}
  left join pg_catalog.pg_type b on b.oid = t.typbasetype
  left join pg_catalog.pg_collation l on l.oid = t.typcollation
  left join pg_catalog.pg_class c on c.oid = t.typrelid
  where ${visible} and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c') and ${own('pg_type', 't.oid')}
  order by t.typname`

/** The relation (or type) that an object is a part of; null when it stands by itself. By its index: one look for each object. */
const ownerOf = (catalog: string, object: string): string => `case ${catalog}
      when 'pg_attrdef'::regclass then (select adrelid from pg_catalog.pg_attrdef where oid = ${object})
      when 'pg_constraint'::regclass then (select case when conrelid <> 0 then conrelid else contypid end
        from pg_catalog.pg_constraint where oid = ${object} and contype <> 'f')
      when 'pg_class'::regclass then (select indrelid from pg_catalog.pg_index where indexrelid = ${object})
      when 'pg_rewrite'::regclass then (select ev_class from pg_catalog.pg_rewrite where oid = ${object})
      when 'pg_trigger'::regclass then (select tgrelid from pg_catalog.pg_trigger where oid = ${object})
      when 'pg_type'::regclass then ${ownerOfType(object)} end`
const ownerOfType = (
  object: string,
): string => `(select case when typelem <> 0 and typcategory = 'A' then typelem else typrelid end
        from pg_catalog.pg_type where oid = ${object} and (typrelid <> 0 or typelem <> 0 and typcategory = 'A'))`

/**
 * Which object needs which, by oid. What a part of a relation needs, the relation needs: its defaults, constraints, indexes,
 * rules and triggers. Types of rows are their relations, types of arrays their elements. No join, because on a server that has no
 * statistics of its catalogs yet (right after an update) the planner chose one that grew with the square of the objects.
 */
export const dependencyQuery = `
  select distinct coalesce(f.owner, d.objid)::text as id, coalesce(${ownerOfType('t.owner')}, t.owner, d.refobjid)::text as needs
  from pg_catalog.pg_depend d
  cross join lateral (select ${ownerOf('d.classid', 'd.objid')} as owner) f
  cross join lateral (select ${ownerOf('d.refclassid', 'd.refobjid')} as owner) t
  where d.deptype in ('n', 'a') and d.refobjid >= 16384
    and d.classid in ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_rewrite'::regclass,
      'pg_trigger'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass)`
