// The changelog of the crash tests: every change set leaves a countable trace, so that one that ran twice is seen.

export const changeSetCount = 24

/** Change set 1 makes the trace table without any key; each later one makes a table and adds a row to the trace. */
export const crashChangelog = `databaseChangeLog:
  - changeSet:
      id: '1'
      author: crash
      changes:
        - sql: { sql: "create table trace (id integer not null)" }
        - sql: { sql: "insert into trace (id) values (1)" }
${Array.from({ length: changeSetCount - 1 }, (_, index) => index + 2)
  .map(
    (id) => `  - changeSet:
      id: '${id}'
      author: crash
      changes:
        - createTable: { tableName: t_${id}, columns: [ { column: { name: id, type: int } } ] }
        - sql: { sql: "select pg_sleep(0.02)" }
        - sql: { sql: "insert into trace (id) values (${id})" }
`,
  )
  .join('')}`

export function crashPipeline(instance: string): string {
  return `pipeline:
  identifier: ${instance}
  name: ${instance}
  orgIdentifier: default
  projectIdentifier: crash
  stages:
    - stage:
        identifier: apply
        name: Apply
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  timeout: 10m
                  spec: { dbSchema: crash, dbInstance: ${instance} }
`
}
