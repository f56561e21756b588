// The catalog queries of a snapshot of Oracle: one for each kind of object, whatever the size. `$schemas` stands for a list of
// literals. Written from the vendor's documentation of the static data dictionary views (19c):
// https://docs.oracle.com/en/database/oracle/oracle-database/19/refrn/static-data-dictionary-views.html
// Aliases stand in quotes: names of columns come in capitals otherwise.

export const schemaQuery = `
  select u.username as "name", (select d.default_tablespace from user_users d) as "tablespace"
  from all_users u where u.username in ($schemas)`

/** Without what stands behind materialized views, nested tables and overflow segments. */
export const tableQuery = `
  select t.owner as "schema", t.table_name as "name", c.comments as "remarks", t.tablespace_name as "tablespace",
    t.partitioned as "partitioned", t.temporary as "temporary", t.duration as "duration", t.iot_type as "organization"
  from all_tables t
  left join all_tab_comments c on c.owner = t.owner and c.table_name = t.table_name
  where t.owner in ($schemas) and t.nested = 'NO' and t.secondary = 'N' and t.dropped = 'NO'
    and (t.iot_type is null or t.iot_type = 'IOT')
    and not exists (select 1 from all_mviews m where m.owner = t.owner and m.container_name = t.table_name)
  order by t.table_name`

/** Defaults are of type LONG, which no expression can work with. */
export const columnQuery = `
  select c.owner as "schema", c.table_name as "relation", c.column_name as "name", c.data_type as "type_name",
    c.data_type_owner as "type_owner", c.data_length as "length", c.char_length as "characters", c.char_used as "unit",
    c.data_precision as "precision", c.data_scale as "scale", c.nullable as "nullable", c.virtual_column as "computed",
    i.generation_type as "generation", i.identity_options as "identity", m.comments as "remarks", c.data_default as "default_value"
  from all_tab_cols c
  left join all_tab_identity_cols i on i.owner = c.owner and i.table_name = c.table_name and i.column_name = c.column_name
  left join all_col_comments m on m.owner = c.owner and m.table_name = c.table_name and m.column_name = c.column_name
  where c.owner in ($schemas) and c.hidden_column = 'NO' order by c.owner, c.table_name, c.column_id`

export const constraintQuery = `
  select k.owner as "schema", k.table_name as "relation", k.constraint_name as "name", k.constraint_type as "kind",
    k.delete_rule as "on_delete", k.deferrable as "deferrable", k.deferred as "deferred", k.validated as "validated",
    k.status as "status", k.index_name as "index_name", k.generated as "generated", r.owner as "referenced_schema",
    r.table_name as "referenced", k.r_owner as "key_owner", k.r_constraint_name as "key_name", k.search_condition as "condition"
  from all_constraints k
  left join all_constraints r on r.owner = k.r_owner and r.constraint_name = k.r_constraint_name
  where k.owner in ($schemas) and k.constraint_type in ('P', 'U', 'R', 'C') order by k.owner, k.table_name, k.constraint_name`

/** With those of keys in other schemas that foreign keys refer to. */
export const constraintColumnQuery = `
  select c.owner as "schema", c.constraint_name as "constraint_name", c.column_name as "column_name"
  from all_cons_columns c
  where c.position is not null and (c.owner in ($schemas) or exists (
    select 1 from all_constraints k where k.owner in ($schemas) and k.r_owner = c.owner and k.r_constraint_name = c.constraint_name))
  order by c.owner, c.constraint_name, c.position`

export const indexQuery = `
  select i.table_owner as "schema", i.table_name as "relation", i.index_name as "name", i.index_type as "kind",
    i.uniqueness as "uniqueness", i.tablespace_name as "tablespace", c.column_name as "column_name", c.descend as "direction",
    e.column_expression as "expression"
  from all_indexes i
  join all_ind_columns c on c.index_owner = i.owner and c.index_name = i.index_name
  left join all_ind_expressions e on e.index_owner = i.owner and e.index_name = i.index_name and e.column_position = c.column_position
  where i.table_owner in ($schemas) and i.index_type in ('NORMAL', 'NORMAL/REV', 'BITMAP', 'FUNCTION-BASED NORMAL',
    'FUNCTION-BASED NORMAL/REV', 'FUNCTION-BASED BITMAP', 'IOT - TOP')
  order by i.table_owner, i.table_name, i.index_name, c.column_position`

/** Those of identity columns are part of the column. */
export const sequenceQuery = `
  select q.sequence_owner as "schema", q.sequence_name as "name", to_char(q.min_value) as "minimum", to_char(q.max_value) as "maximum",
    to_char(q.increment_by) as "increment", to_char(q.last_number) as "start", to_char(q.cache_size) as "cache",
    q.cycle_flag as "cycle"
  from all_sequences q
  where q.sequence_owner in ($schemas) and q.sequence_name not like 'ISEQ$$\\_%' escape '\\' order by q.sequence_name`

export const viewQuery = `
  select v.owner as "schema", v.view_name as "name", c.comments as "remarks", v.read_only as "read_only", v.text as "query"
  from all_views v left join all_tab_comments c on c.owner = v.owner and c.table_name = v.view_name
  where v.owner in ($schemas) order by v.view_name`

export const materializedViewQuery = `
  select m.owner as "schema", m.mview_name as "name", c.comments as "remarks", m.refresh_mode as "refresh_mode",
    m.refresh_method as "refresh_method", m.query as "query"
  from all_mviews m left join all_mview_comments c on c.owner = m.owner and c.mview_name = m.mview_name
  where m.owner in ($schemas) order by m.mview_name`

/** Line by line. */
export const sourceQuery = `
  select s.owner as "schema", s.name as "name", s.type as "kind", s.text as "text"
  from all_source s
  where s.owner in ($schemas)
    and s.type in ('FUNCTION', 'PROCEDURE', 'PACKAGE', 'PACKAGE BODY', 'TRIGGER', 'TYPE', 'TYPE BODY')
  order by s.owner, s.type, s.name, s.line`

export const triggerQuery = `
  select t.owner as "schema", t.trigger_name as "name", t.table_owner as "relation_schema", t.table_name as "relation"
  from all_triggers t
  where t.owner in ($schemas) and t.base_object_type in ('TABLE', 'VIEW') order by t.trigger_name`

export const dependencyQuery = `
  select distinct d.owner as "schema", d.name as "name", d.type as "kind", d.referenced_owner as "needed_schema",
    d.referenced_name as "needed", d.referenced_type as "needed_kind"
  from all_dependencies d where d.owner in ($schemas) and d.referenced_owner in ($schemas)`
