// A schema of the size that W7 asks for: tables with four indexes and one foreign key each, as a script for the server's client.

const columns = (kind: 'postgresql' | 'mariadb'): readonly string[] => [
  'id bigint not null primary key',
  'parent_id bigint',
  'name varchar(100) not null',
  'code varchar(20)',
  `created ${kind === 'postgresql' ? 'timestamp' : 'datetime'}`,
  'amount numeric(12,2) default 0',
]

export function schemaScript(tables: number, kind: 'postgresql' | 'mariadb'): string {
  const texts: string[] = []
  for (let table = 1; table <= tables; table += 1) {
    const name = `part_${table}`
    texts.push(`create table ${name} (${columns(kind).join(', ')});`)
    for (const column of ['parent_id', 'name', 'code', 'created']) {
      texts.push(`create index ${name}_${column} on ${name} (${column});`)
    }
    texts.push(
      `alter table ${name} add constraint ${name}_parent foreign key (parent_id) references part_${Math.max(1, table - 1)} (id);`,
    )
  }
  return `${texts.join('\n')}\n`
}
