// Every answer that the API gives about the self-test's release: all reading endpoints, with every value that fits their paths.
import { api } from '#contract/api/index'
import type { Endpoint } from '#contract/endpoint'
import { Fault } from '#contract/fault'
import { z } from 'zod'
import type { ApiClient } from '../setup/session.ts'
import { instance, scope } from './release.ts'

export interface Answered {
  readonly name: string
  readonly text: string
}

type Values = Readonly<Record<string, readonly string[]>>
type Call = (input: object) => Promise<unknown>

/** All combinations of the values of a path; empty when one of its parameters has no value here. */
function combinations(path: string, values: Values): Record<string, string>[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
  return names.reduce<Record<string, string>[]>(
    (all, name) => all.flatMap((one) => (values[name] ?? []).map((value) => ({ ...one, [name]: value }))),
    [{}],
  )
}

async function answersOf(client: ApiClient, target: Endpoint, values: Values): Promise<Answered | undefined> {
  const call = (client as unknown as Record<string, Call>)[target.name]
  const texts: string[] = []
  for (const params of combinations(target.path, values)) {
    const known = target.query instanceof z.ZodObject ? Object.keys(target.query.shape) : []
    const query = {
      ...(known.includes('orgIdentifier') ? { orgIdentifier: scope.org } : {}),
      ...(known.includes('projectIdentifier') ? { projectIdentifier: scope.project } : {}),
    }
    try {
      texts.push(JSON.stringify(await call?.({ params, query })))
    } catch (error) {
      // What is refused is an answer too, and may quote something.
      if (!(error instanceof Fault)) throw error
      texts.push(`${error.message} ${error.hint} ${JSON.stringify(error.diagnostics)}`)
    }
  }
  return texts.length === 0 ? undefined : { name: `answers of ${target.name}`, text: texts.join('\n') }
}

/** The client is an administrator, so that nothing is left out. */
export async function everyAnswer(client: ApiClient, execution: string): Promise<Answered[]> {
  const details = await client.getExecution({ params: { ...scope, execution } })
  const values: Values = {
    org: [scope.org],
    project: [scope.project],
    secret: ['self_test'],
    connector: ['self_test_git', instance],
    dbschema: ['self_test'],
    dbinstance: [instance],
    pipeline: ['self_test'],
    execution: [execution],
    node: details.nodes.map(({ id }) => id),
    attempt: details.nodes.flatMap(({ attempt }) => (attempt === null ? [] : [attempt])),
  }
  const answers: Answered[] = []
  for (const target of Object.values<Endpoint>(api)) {
    const reads = target.method === 'GET' && !target.stream && target.access !== 'public'
    const answered = reads ? await answersOf(client, target, values) : undefined
    if (answered) answers.push(answered)
  }
  const params = { ...scope, dbschema: 'self_test', dbinstance: instance }
  const state = await client.getMigrationState({ params: { ...scope, dbschema: 'self_test' }, body: {} })
  const deployed = await client
    .getDeployedState({
      params,
      body: {
        planExecutionId: execution,
        stageExecutionId: 'release',
        stepType: 'DBSchemaApply',
        pipeline: 'self_test',
      },
    })
    .catch(String)
  const logs = answers.find(({ name }) => name.endsWith('getLog'))?.text ?? ''
  // The log has to be there, and to show that something was masked, or it was not looked at.
  if (!logs.includes('******')) throw new Error('The log of the step shows no masked value.')
  return [...answers, { name: 'answers about what is deployed', text: JSON.stringify([state, deployed]) }]
}
