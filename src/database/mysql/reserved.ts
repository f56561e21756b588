// Key words of MySQL and MariaDB that are quoted as names.

/**
 * Those that the original engine quotes (4.33, asked word by word), and those that one of the servers refuses as a bare name
 * (MariaDB 10.11 tried; MySQL 8.4 manual, chapter key words) though the original leaves them bare.
 */
export const reserved = new Set(
  `accessible add admin all alter analyze and as asc asensitive before between bigint binary blob both buckets by call
cascade case change char character check clone collate column component condition constraint continue convert create
cross cube cume_dist current_date current_role current_time current_timestamp current_user cursor database databases
day_hour day_microsecond day_minute day_second dec decimal declare default definition delayed delete delete_domain_id
dense_rank desc describe description deterministic distinct distinctrow div do_domain_ids double drop dual each else
elseif empty enclosed escaped except exclude exists exit explain false fetch first_value float float4 float8 following
for force foreign from fulltext function generated geomcollection get get_master_public_key grant group grouping
groups having high_priority histogram history hour_microsecond hour_minute hour_second if ignore ignore_domain_ids in
index infile inner inout insensitive insert int int1 int2 int3 int4 int8 integer intersect interval into invisible
io_after_gtids io_before_gtids is iterate join json_table key keys kill lag last_value lateral lead leading leave left
like limit linear lines load localtime localtimestamp lock locked long longblob longtext loop low_priority manual
master_bind master_demote_to_replica master_demote_to_slave master_ssl_verify_server_cert match maxvalue mediumblob
mediumint mediumtext middleint minute_microsecond minute_second mod modifies natural nested no_write_to_binlog not
nowait nth_value ntile null nulls numeric of offset on optimize optimizer_costs option optionally or order ordinality
organization others out outer outfile over page_checksum parallel parse_vcol_expr partition path percent_rank period
persist persist_only portion preceding precision primary procedure process purge qualify range rank read read_write
reads real recursive ref_system_id reference references regexp release rename repeat replace require resignal resource
respect restart restrict return returning reuse revoke right rlike role row row_number rows schema schemas
second_microsecond select sensitive separator set show signal skip smallint spatial specific sql sql_after_gtids
sql_before_gtids sql_big_result sql_buffer_result sql_cache sql_calc_found_rows sql_no_cache sql_small_result
sqlexception sqlstate sqlwarning srid ssl starting stats_auto_recalc stats_persistent stats_sample_pages stored
straight_join system table tablesample terminated then thread_priority ties tinyblob tinyint tinytext to trailing
trigger true unbounded undo union unique unlock unsigned update usage use using utc_date utc_time utc_timestamp values
varbinary varchar varcharacter varying vcpu virtual visible when where while window with write xor year_month zerofill`.split(
    /\s+/,
  ),
)
