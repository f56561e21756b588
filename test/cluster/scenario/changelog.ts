// Changelogs of the scenarios.

/** `count` change sets that each make a table, note their running once in `trace`, and take `seconds` each. */
export function slowChangelog(count: number, seconds: number): Readonly<Record<string, string>> {
  const sets = Array.from({ length: count }, (_, index) => {
    const number = index + 1
    return `  - changeSet:
      id: "${number}"
      author: cluster
      changes:
        - sql: { sql: "create table if not exists trace (id int)" }
        - sql: { sql: "insert into trace values (${number})" }
        - sql: { sql: "create table made_${number} (id int primary key)" }
        - sql: { sql: "select pg_sleep(${seconds})" }
`
  })
  return { 'changelog.yaml': `databaseChangeLog:\n${sets.join('')}` }
}

/** How many of them the history has. The row of a tag is somebody else's. */
export const ran = "select count(*) from databasechangelog where author = 'cluster'"
