// The demo project: schema shop on three instances, released by the pipeline of examples/pipelines.
import type { Setup } from '../setup/entity.ts'

export const scope = { org: 'default', project: 'shop' } as const
export const pipeline = 'release_shop'
export const dbSchema = 'shop'
export const instances = ['shop_dev', 'shop_staging', 'shop_prod'] as const

export interface DemoTarget {
  readonly instance: (typeof instances)[number]
  readonly url: string
  readonly username: string
}

export function demoSetup(input: {
  readonly targets: readonly DemoTarget[]
  readonly password: string
  readonly repositoryUrl: string
  readonly pipelineYaml: string
}): Setup {
  return {
    scope,
    projectName: 'Shop',
    secrets: { shop_db_password: input.password },
    repository: {
      identifier: 'shop_repository',
      url: input.repositoryUrl,
      username: undefined,
      passwordRef: undefined,
    },
    schema: { identifier: dbSchema, name: 'Shop', location: 'changelog.yaml', branch: 'main' },
    instances: input.targets.map(({ instance, url, username }) => {
      const stage = instance.replace('shop_', '')
      return {
        identifier: instance,
        name: `Shop ${stage}`,
        url,
        username,
        passwordRef: 'shop_db_password',
        context: stage,
        tags: { stage },
      }
    }),
    pipeline: { identifier: pipeline, name: 'Release shop', yaml: input.pipelineYaml },
  }
}
