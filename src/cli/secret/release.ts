// The release of the self-test: one change set that writes the secret into a table, one that fails with it in its statement.
import type { Setup } from '../setup/entity.ts'

export const scope = { org: 'default', project: 'self_test' } as const
export const instance = 'self_test_db'

/** What the failing change set writes to. */
export const absentTable = 'nowhere'

export const changelog = `-- liquibase formatted sql

-- changeset sluice:1
-- comment: writes the secret, as a change that creates a user would
create table self_test (note text not null);
insert into self_test (note) values ('\${shown}');

-- changeset sluice:2
-- comment: fails, so that the message of the database quotes it
insert into ${absentTable} (note) values ('\${shown}');
`

const step = (identifier: string, type: string): string => `                    - step:
                        identifier: ${identifier}
                        name: ${identifier}
                        type: ${type}
                        timeout: 5m
                        spec:
                          dbSchema: self_test
                          dbInstance: ${instance}
`

export const pipelineYaml = `pipeline:
  identifier: self_test
  name: Self-test
  orgIdentifier: ${scope.org}
  projectIdentifier: ${scope.project}
  stages:
    - stage:
        identifier: release
        name: Release
        type: Custom
        spec:
          execution:
            steps:
              - stepGroup:
                  identifier: group
                  name: Group
                  steps:
${step('preview', 'DBSchemaUpdateSQL')}${step('apply', 'DBSchemaApply')}`

export function setupOf(input: {
  readonly gitUrl: string
  readonly target: string
  readonly secret: string
  readonly pipelineYaml: string
}): Setup {
  return {
    scope,
    projectName: 'Self-test',
    secrets: { self_test: input.secret },
    repository: { identifier: 'self_test_git', url: input.gitUrl, username: 'reader', passwordRef: 'self_test' },
    schema: { identifier: 'self_test', name: 'Self-test', location: 'changelog.sql', branch: 'main' },
    instances: [
      {
        identifier: instance,
        name: 'Self-test',
        url: input.target,
        username: 'unused',
        passwordRef: 'self_test',
        context: '',
        tags: {},
      },
    ],
    pipeline: { identifier: 'self_test', name: 'Self-test', yaml: input.pipelineYaml },
  }
}
