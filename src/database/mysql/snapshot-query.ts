// The catalog queries of a snapshot of MySQL or MariaDB: one for each kind of object, whatever the size. `$schemas` stands for a
// list of literals. Names of columns come in capitals from some servers, so every one is named anew.

export const tableQuery = `
  select table_schema as \`schema\`, table_name as name, table_type as kind, engine as engine, table_collation as collation,
    create_options as options, table_comment as remarks
  from information_schema.tables where table_schema in ($schemas) order by table_name`

export const schemaQuery = `
  select schema_name as name, default_collation_name as collation
  from information_schema.schemata where schema_name in ($schemas)`

export const columnQuery = `
  select table_schema as \`schema\`, table_name as relation, column_name as name, column_default as default_value,
    is_nullable as nullable, data_type as type_name, column_type as type, character_maximum_length as length,
    numeric_precision as \`precision\`, numeric_scale as scale, datetime_precision as digits, collation_name as collation,
    extra as extra, generation_expression as expression, column_comment as remarks
  from information_schema.columns where table_schema in ($schemas) order by table_schema, table_name, ordinal_position`

/** `$expression` is a column that only MySQL has. */
export const indexQuery = `
  select table_schema as \`schema\`, table_name as relation, index_name as name, non_unique as non_unique, column_name as \`column\`,
    collation as direction, sub_part as length, index_type as method, $expression as expression
  from information_schema.statistics where table_schema in ($schemas)
  order by table_schema, table_name, index_name, seq_in_index`

export const foreignKeyQuery = `
  select table_schema as \`schema\`, table_name as relation, constraint_name as name, column_name as \`column\`,
    referenced_table_schema as referenced_schema, referenced_table_name as referenced, referenced_column_name as other
  from information_schema.key_column_usage where table_schema in ($schemas) and referenced_table_name is not null
  order by table_schema, table_name, constraint_name, ordinal_position`

/** On its own: a join with the columns of keys takes the server twice as long as both. */
export const foreignKeyRuleQuery = `
  select constraint_schema as \`schema\`, table_name as relation, constraint_name as name, update_rule as on_update,
    delete_rule as on_delete
  from information_schema.referential_constraints where constraint_schema in ($schemas)`

/** MariaDB says which table and whether it stands at a column; MySQL names are unique in a schema. */
export const checkQueries = {
  mariadb: `
  select constraint_schema as \`schema\`, table_name as relation, constraint_name as name, level as level, check_clause as clause,
    'YES' as enforced
  from information_schema.check_constraints where constraint_schema in ($schemas)
  order by constraint_schema, table_name, constraint_name`,
  mysql: `
  select t.table_schema as \`schema\`, t.table_name as relation, c.constraint_name as name, 'Table' as level,
    c.check_clause as clause, t.enforced as enforced
  from information_schema.check_constraints c
  join information_schema.table_constraints t on t.constraint_schema = c.constraint_schema
    and t.constraint_name = c.constraint_name and t.constraint_type = 'CHECK'
  where c.constraint_schema in ($schemas) order by t.table_schema, t.table_name, c.constraint_name`,
} as const

export const partitionQuery = `
  select table_schema as \`schema\`, table_name as relation, partition_name as name, partition_method as method,
    partition_expression as expression, partition_description as description, subpartition_method as submethod,
    subpartition_expression as subexpression, subpartition_name as subname
  from information_schema.partitions where table_schema in ($schemas) and partition_name is not null
  order by table_schema, table_name, partition_ordinal_position, subpartition_ordinal_position`

export const viewQuery = `
  select table_schema as \`schema\`, table_name as name, view_definition as query, check_option as check_option,
    security_type as security
  from information_schema.views where table_schema in ($schemas) order by table_name`

export const triggerQuery = `
  select event_object_schema as \`schema\`, event_object_table as relation, trigger_name as name, action_timing as timing,
    event_manipulation as event, action_statement as statement
  from information_schema.triggers where trigger_schema in ($schemas)
  order by event_object_table, action_timing, event_manipulation, action_order`

export const routineQuery = `
  select routine_schema as \`schema\`, routine_name as name, routine_type as kind, dtd_identifier as returns,
    routine_definition as body, is_deterministic as \`deterministic\`, sql_data_access as access, security_type as security,
    routine_comment as remarks
  from information_schema.routines where routine_schema in ($schemas) order by routine_name, routine_type`

export const parameterQuery = `
  select specific_schema as \`schema\`, specific_name as routine, routine_type as kind, parameter_mode as mode,
    parameter_name as name, dtd_identifier as type
  from information_schema.parameters where specific_schema in ($schemas) and ordinal_position > 0
  order by specific_name, routine_type, ordinal_position`
