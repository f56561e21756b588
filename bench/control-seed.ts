// A store as a company of some size has it after a while: instances, change sets, runs and what happened, written by sets of rows.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Store } from '#manager/store/port'

export interface Size {
  readonly schemas: number
  readonly instancesOfEach: number
  readonly changeSetsOfEach: number
  readonly executions: number
}

export const scope = { org: 'o', project: 'p' } as const
export const nameOf = {
  schema: 's_7',
  instance: 'i_7_3',
  connector: 'c_7_3',
  pipeline: 'p_7',
  execution: 'e_7',
} as const

/** Applies to the instance that is given when it starts. */
export const releaseYaml = (identifier: string): string => `pipeline:
  identifier: ${identifier}
  name: Release
  orgIdentifier: ${scope.org}
  projectIdentifier: ${scope.project}
  variables:
    - { name: schema, type: String, value: <+input> }
    - { name: instance, type: String, value: <+input> }
  stages:
    - stage:
        identifier: main
        name: Main
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  timeout: 1h
                  spec: { dbSchema: <+pipeline.variables.schema>, dbInstance: <+pipeline.variables.instance> }
`

export async function seed(store: Store, size: Size): Promise<void> {
  const { db } = store
  const { schemas, instancesOfEach, changeSetsOfEach, executions } = size
  const run = (query: ReturnType<typeof sql>) => query.execute(db)
  await run(sql`insert into organization (identifier, name)
    select case n when 0 then 'o' else 'o_' || n end, 'Organization ' || n from generate_series(0, 20) n`)
  await run(sql`insert into project (organization_id, identifier, name)
    select organization.id, case n when 0 then 'p' else 'p_' || n end, 'Project ' || n
    from organization, generate_series(0, 20) n`)
  const { rows } = await sql<{ id: string }>`select project.id from project join organization on organization.id =
    organization_id where organization.identifier = 'o' and project.identifier = 'p'`.execute(db)
  const project = rows[0]?.id ?? ''
  await run(sql`insert into connector (project_id, identifier, name, type, spec) values (${project}, 'git', 'Git', 'Git',
    '{"url": "https://git.example.com/shop.git", "type": "Http", "connectionType": "Repo"}')`)
  await run(sql`insert into connector (project_id, identifier, name, type, spec)
    select ${project}, 'c_' || s || '_' || i, 'Connector ' || i, 'JDBC', jsonb_build_object('url',
      'jdbc:postgresql://db.example.com:5432/d_' || s || '_' || i, 'auth', '{"type": "UsernamePassword", "spec": {"username": "shop",
      "passwordRef": "pw"}}'::jsonb)
    from generate_series(1, ${schemas}) s, generate_series(1, ${instancesOfEach}) i`)
  await run(sql`insert into db_schema (project_id, identifier, name, changelog, type, migration_type, tags)
    select ${project}, 's_' || s, 'Schema ' || s, '{"connector": "git", "location": "changelog.yaml"}', 'Repository', 'Liquibase',
      jsonb_build_object('team', 't' || s % 10) from generate_series(1, ${schemas}) s`)
  await run(sql`insert into db_instance (db_schema_id, identifier, name, connector, branch, tags, last_deployed_tag,
      last_deployed_at, change_sets_read_at)
    select db_schema.id, 'i' || substr(db_schema.identifier, 2) || '_' || i, 'Instance ' || i,
      'c' || substr(db_schema.identifier, 2) || '_' || i, 'main', jsonb_build_object('env', 'e' || i % 5), 'v1',
      now() - make_interval(mins => i), now() from db_schema, generate_series(1, ${instancesOfEach}) i`)
  await run(sql`insert into pipeline (project_id, identifier, name, yaml)
    select ${project}, 'p_' || n, 'Pipeline ' || n, replace(${releaseYaml('p_')}, 'p_', 'p_' || n) from generate_series(1, 200) n`)
  await run(sql`insert into execution (id, project_id, pipeline_id, pipeline, pipeline_name, number, status, yaml, state,
      trigger_type, triggered_by, triggered_by_name, created_at, started_at, ended_at)
    select 'e_' || n, ${project}, pipeline.id, pipeline.identifier, pipeline.name, n, 'Success', ${releaseYaml('p_')}, '{}',
      'MANUAL', 'ann@example.com', 'Ann', now() - make_interval(mins => n), now() - make_interval(mins => n),
      now() - make_interval(mins => n)
    from generate_series(1, ${executions}) n join pipeline on pipeline.identifier = 'p_' || (1 + n % 200)`)
  await run(sql`insert into execution_node (execution_id, node_id, position, kind, type, identifier, name, status, db_schema,
      db_instance)
    select execution.id, 'main.step_' || n, n, 'step', 'DBSchemaApply', 'step_' || n, 'Step ' || n, 'Success', 's_7', 'i_7_3'
    from execution, generate_series(1, 10) n`)
  await run(sql`insert into attempt (id, execution_id, node_id, project_id, number, type, changing, spec, state, outcome,
      finished_at, created_at)
    select execution.id || '_' || n, execution.id, 'main.step_' || n, ${project}, 1, 'DBSchemaApply', true, '{}', 'finished',
      'success', execution.ended_at, execution.created_at from execution, generate_series(1, 10) n`)
  await run(sql`insert into deployed_change_set (db_instance_id, execution_id, stage_id, node_id, attempt_id, step_type, fqn,
      file_name, change_set_id, author, status, sql, deployed_at)
    select db_instance.id, execution_id, 'main', node_id, attempt.id, 'DBSchemaApply', 'changelog.yaml::c_' || n || '::me',
      'changelog.yaml', 'c_' || n, 'me', 'SUCCESS', '["create table t (id int)"]', attempt.created_at
    from attempt join execution on execution.id = execution_id
      join db_instance on db_instance.identifier = 'i_' || (1 + execution.number % ${schemas}) || '_3', generate_series(1, 20) n`)
  await run(sql`insert into event (actor_type, actor_name, project_id, execution_id, type, body, at)
    select 'user', 'ann@example.com', ${project}, execution.id, 'node.status', jsonb_build_object('type', 'node.status', 'node',
      'main.step_' || n % 10, 'status', 'Running'), execution.created_at from execution, generate_series(1, 60) n`)
  await run(sql`insert into event (actor_type, actor_name, project_id, type, body)
    select 'user', 'ann@example.com', ${project}, 'entity.updated', jsonb_build_object('type', 'entity.updated', 'resource',
      'connector', 'identifier', 'c_1_' || n % 50) from generate_series(1, 20000) n`)
  // Last, because it is most: what is deployed on each instance.
  await run(sql`insert into change_set_state (db_instance_id, fqn, file_name, change_set_id, author, position, status,
      execution_id, node_id)
    select db_instance.id, 'changelog.yaml::c_' || n || '::me', 'changelog.yaml', 'c_' || n, 'me', n,
      case when n % 50 = 0 then 'Not_Deployed' else 'Successfully_Deployed' end, 'e_' || (1 + n % ${executions}), 'main.step_1'
    from db_instance, generate_series(1, ${changeSetsOfEach}) n`)
  await run(sql`insert into approval (id, execution_id, node_id, status, name, message, minimum_count, disallow_executor, deadline,
      decided_at) select 'a_' || execution.id, execution.id, 'main.step_1', 'APPROVED', 'Approve', 'Please', 1, true, now(), now()
    from execution`)
  // As the server does it by itself after a while: lookups in an index alone need it.
  await sql`vacuum analyze`.execute(db)
}

/** A user who may do everything, with a session. Gives its headers. */
export async function addAdmin(store: Store, hashToken: (token: string) => string): Promise<Record<string, string>> {
  const [token, csrf] = [randomUUID(), randomUUID()]
  await sql`insert into user_account (email, name, role, password_hash) values ('admin@example.com', 'Admin', 'admin', '')`.execute(
    store.db,
  )
  await sql`insert into user_session (token_hash, user_id, csrf_token, expires_at)
    select ${hashToken(token)}, id, ${csrf}, now() + interval '1 day' from user_account where email = 'admin@example.com'`.execute(
    store.db,
  )
  return { cookie: `sluice_session=${token}`, 'x-csrf-token': csrf }
}
