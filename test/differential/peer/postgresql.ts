// PostgreSQL as a place: two databases of its own on the server that SLUICE_TEST_POSTGRES_URL names.
import { Client, type QueryResult } from 'pg'
import { type Cells, historyLine, isEngineTable, line, type Place, type Server } from './place.ts'

/** Everything that a changelog can make, straight from the catalog; names of engine tables are filtered afterwards. */
const looks: Readonly<Record<string, string>> = {
  relation: `select c.relname as owner, c.relkind::text as kind, obj_description(c.oid, 'pg_class') as remarks,
      case when c.relkind = 'v' then pg_get_viewdef(c.oid) end as query
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')`,
  column: `select c.relname as owner, a.attname as name, row_number() over (partition by c.oid order by a.attnum) as position,
      format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required, a.attidentity::text as identity,
      pg_get_expr(d.adbin, d.adrelid) as preset, col_description(c.oid, a.attnum) as remarks
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped`,
  constraint: `select c.relname as owner, k.conname as name, pg_get_constraintdef(k.oid) as text, k.convalidated as validated
    from pg_constraint k join pg_class c on c.oid = k.conrelid where k.connamespace = 'public'::regnamespace`,
  index: `select t.relname as owner, i.relname as name, pg_get_indexdef(i.oid) as text
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
    where i.relnamespace = 'public'::regnamespace`,
  sequence: `select s.sequencename as owner, s.data_type::text, s.start_value, s.min_value, s.max_value, s.increment_by, s.cycle,
      s.cache_size, s.last_value, (select t.relname || '.' || a.attname from pg_depend d join pg_class t on t.oid = d.refobjid
        join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
        where d.objid = (quote_ident(s.schemaname) || '.' || quote_ident(s.sequencename))::regclass and d.deptype in ('a', 'i')) as column
    from pg_sequences s where s.schemaname = 'public'`,
  routine: `select p.proname as owner, pg_get_functiondef(p.oid) as text from pg_proc p where p.pronamespace = 'public'::regnamespace
      and p.prokind in ('f', 'p')`,
  trigger: `select c.relname as owner, g.tgname as name, pg_get_triggerdef(g.oid) as text from pg_trigger g
      join pg_class c on c.oid = g.tgrelid where c.relnamespace = 'public'::regnamespace and not g.tgisinternal`,
}

export function postgresqlServer(serverUrl: string): Server {
  return {
    name: 'postgresql',
    async open(label) {
      const database = `sluice_differential_${label}_${process.pid}`
      await administer(serverUrl, `create database ${database} template template0`)
      const url = new URL(serverUrl)
      url.pathname = `/${database}`
      const client = new Client({ connectionString: url.href })
      await client.connect()
      await client.query(
        "set search_path = public, pg_catalog; set timezone = 'UTC'; set client_min_messages = warning",
      )
      return placeOf(client, { database, serverUrl, url })
    },
  }
}

async function administer(serverUrl: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function placeOf(client: Client, where: { database: string; serverUrl: string; url: URL }): Place {
  // Every value as the server writes it.
  const types = { getTypeParser: () => (value: string | Buffer) => value }
  /** Together, because most of a query's time is the way to the server. One list of rows each. */
  const query = async (list: readonly string[]): Promise<readonly (readonly Cells[])[]> => {
    if (list.length === 0) return []
    // The driver gives a list of results for several statements, which its types do not know.
    const results: unknown = await client.query<Record<string, unknown>>({ text: list.join(';'), types })
    return (Array.isArray(results) ? results : [results]).map((result) => (result as QueryResult<Cells>).rows)
  }
  return {
    url: `jdbc:postgresql://${where.url.host}/${where.database}`,
    username: decodeURIComponent(where.url.username),
    password: decodeURIComponent(where.url.password),
    driver: 'WarmDriver',
    label: where.database,
    async empty() {
      await client.query('drop schema public cascade; create schema public')
    },
    async look() {
      const found = await query(Object.values(looks))
      const kinds = Object.keys(looks).map((kind, index) => [kind, found[index] ?? []] as const)
      const names = (found[0] ?? []).filter((row) => row['kind'] === 'r').map((row) => String(row['owner']))
      const order: Readonly<Record<string, string>> = { databasechangelog: ' order by orderexecuted, dateexecuted, id' }
      const rows = await query(
        names.map((name) => `select * from public.${client.escapeIdentifier(name)}${order[name] ?? ''}`),
      )
      return {
        objects: [
          ...kinds.flatMap(([kind, list]) =>
            list.filter((row) => !isEngineTable(String(row['owner']))).map((row) => line(kind, row)),
          ),
          ...names.flatMap((name, index) =>
            isEngineTable(name) ? [] : (rows[index] ?? []).map((row) => line(`row of ${name}`, row)),
          ),
        ].toSorted(),
        history: (rows[names.indexOf('databasechangelog')] ?? []).map(historyLine),
        locked: (rows[names.indexOf('databasechangeloglock')] ?? []).some((row) => row['locked'] !== 'f'),
      }
    },
    async setChecksums(sums) {
      for (const { checksum, id, author, path } of sums) {
        const sql = 'update databasechangelog set md5sum = $1 where id = $2 and author = $3 and filename = $4'
        await client.query(sql, [checksum, id, author, path])
      }
    },
    async close() {
      await client.end()
      await administer(where.serverUrl, `drop database ${where.database} with (force)`)
    },
  }
}
