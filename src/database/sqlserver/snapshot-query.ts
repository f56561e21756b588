// The catalog queries of a snapshot of SQL Server: one for each kind of object, whatever the size. `$schemas` stands for a list of
// literals. Written from the vendor's documentation of the object catalog views:
// https://learn.microsoft.com/sql/relational-databases/system-catalog-views/object-catalog-views-transact-sql

/** Values of the variant type are told apart by the driver, so they are asked for as text. */
const remarks = (major: string, minor: string): string =>
  `(select cast(p.value as nvarchar(4000)) from sys.extended_properties p
      where p.class = 1 and p.major_id = ${major} and p.minor_id = ${minor} and p.name = N'MS_Description')`

export const schemaQuery = `
  select s.name as name, cast(databasepropertyex(db_name(), 'Collation') as nvarchar(128)) as collation, db_name() as catalog_name,
    (select f.name from sys.filegroups f where f.is_default = 1) as filegroup_name
  from sys.schemas s where s.name in ($schemas)`

export const tableQuery = `
  select s.name as schema_name, t.name as name, t.object_id as id, ${remarks('t.object_id', '0')} as remarks,
    d.name as space_name, d.type as space_type, 
    objectproperty(t.object_id, 'TableTemporalType') as temporal, objectproperty(t.object_id, 'TableIsMemoryOptimized') as in_memory
  from sys.tables t
  join sys.schemas s on s.schema_id = t.schema_id
  left join sys.indexes i on i.object_id = t.object_id and i.index_id in (0, 1)
  left join sys.data_spaces d on d.data_space_id = i.data_space_id
  where s.name in ($schemas) and t.is_ms_shipped = 0 order by t.name`

export const columnQuery = `
  select c.object_id as id, c.name as name, y.name as type_name, y.is_user_defined as is_alias, schema_name(y.schema_id) as type_schema,
    c.max_length as length, c.precision as precision, c.scale as scale, c.is_nullable as nullable, c.collation_name as collation,
    c.is_rowguidcol as is_rowguid, c.is_sparse as is_sparse, d.name as default_name, d.is_system_named as default_unnamed,
    d.definition as default_value, k.definition as expression, k.is_persisted as persisted,
    cast(n.seed_value as nvarchar(40)) as seed, cast(n.increment_value as nvarchar(40)) as increment,
    ${remarks('c.object_id', 'c.column_id')} as remarks
  from sys.columns c
  join sys.objects o on o.object_id = c.object_id and o.type in ('U', 'V') and o.is_ms_shipped = 0
  join sys.schemas s on s.schema_id = o.schema_id
  join sys.types y on y.user_type_id = c.user_type_id
  left join sys.default_constraints d on d.object_id = c.default_object_id
  left join sys.computed_columns k on k.object_id = c.object_id and k.column_id = c.column_id
  left join sys.identity_columns n on n.object_id = c.object_id and n.column_id = c.column_id
  where s.name in ($schemas) order by c.object_id, c.column_id`

/** Heaps have no name; those of XML and of places have a grammar of their own and are not read. */
export const indexQuery = `
  select i.object_id as id, i.name as name, i.type as kind, i.is_unique as is_unique, i.is_primary_key as is_primary,
    i.is_unique_constraint as is_constraint, i.filter_definition as filter, d.name as space_name, d.type as space_type,
    c.name as column_name, k.is_descending_key as descending, k.is_included_column as included
  from sys.indexes i
  join sys.objects o on o.object_id = i.object_id and o.type in ('U', 'V') and o.is_ms_shipped = 0
  join sys.schemas s on s.schema_id = o.schema_id
  join sys.index_columns k on k.object_id = i.object_id and k.index_id = i.index_id
  join sys.columns c on c.object_id = k.object_id and c.column_id = k.column_id
  left join sys.data_spaces d on d.data_space_id = i.data_space_id
  where s.name in ($schemas) and i.name is not null and i.type in (1, 2, 5, 6) and i.is_hypothetical = 0
  order by i.object_id, i.name, k.is_included_column, k.key_ordinal, k.index_column_id`

export const foreignKeyQuery = `
  select f.parent_object_id as id, f.name as name, c.name as column_name, schema_name(r.schema_id) as referenced_schema,
    r.name as referenced, b.name as other, f.delete_referential_action_desc as on_delete,
    f.update_referential_action_desc as on_update, f.is_not_trusted as not_trusted
  from sys.foreign_keys f
  join sys.schemas s on s.schema_id = f.schema_id
  join sys.foreign_key_columns k on k.constraint_object_id = f.object_id
  join sys.columns c on c.object_id = k.parent_object_id and c.column_id = k.parent_column_id
  join sys.objects r on r.object_id = f.referenced_object_id
  join sys.columns b on b.object_id = k.referenced_object_id and b.column_id = k.referenced_column_id
  where s.name in ($schemas) order by f.parent_object_id, f.name, k.constraint_column_id`

export const checkQuery = `
  select k.parent_object_id as id, k.name as name, k.definition as definition
  from sys.check_constraints k join sys.schemas s on s.schema_id = k.schema_id
  where s.name in ($schemas) order by k.parent_object_id, k.name`

export const sequenceQuery = `
  select s.name as schema_name, q.name as name, y.name as type_name, cast(q.start_value as nvarchar(40)) as start_value,
    cast(q.increment as nvarchar(40)) as increment, cast(q.minimum_value as nvarchar(40)) as minimum,
    cast(q.maximum_value as nvarchar(40)) as maximum, q.is_cycling as is_cycling, q.is_cached as is_cached, q.cache_size as cache_size
  from sys.sequences q
  join sys.schemas s on s.schema_id = q.schema_id
  join sys.types y on y.user_type_id = q.user_type_id
  where s.name in ($schemas) order by q.name`

/** Views, procedures, functions and triggers with their texts. Encrypted ones have none. */
export const moduleQuery = `
  select s.name as schema_name, o.object_id as id, o.name as name, rtrim(o.type) as kind, o.parent_object_id as parent,
    m.definition as definition, ${remarks('o.object_id', '0')} as remarks
  from sys.objects o
  join sys.schemas s on s.schema_id = o.schema_id
  join sys.sql_modules m on m.object_id = o.object_id
  where s.name in ($schemas) and o.is_ms_shipped = 0 and o.type in ('V', 'P', 'FN', 'IF', 'TF', 'TR') order by o.name`

/** Other names of types; types of tables are not read. */
export const typeQuery = `
  select s.name as schema_name, y.name as name, b.name as type_name, y.max_length as length, y.precision as precision, y.scale as scale,
    y.is_nullable as nullable
  from sys.types y
  join sys.schemas s on s.schema_id = y.schema_id
  join sys.types b on b.user_type_id = y.system_type_id
  where s.name in ($schemas) and y.is_user_defined = 1 and y.is_table_type = 0 and y.is_assembly_type = 0 order by y.name`

export const dependencyQuery = `
  select distinct d.referencing_id as id, d.referenced_id as needs
  from sys.sql_expression_dependencies d
  join sys.objects o on o.object_id = d.referencing_id
  join sys.schemas s on s.schema_id = o.schema_id
  where s.name in ($schemas) and d.referenced_id is not null and d.referencing_class = 1`
