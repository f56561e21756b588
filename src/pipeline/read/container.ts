// What a step says of the container that does it: heard where steps are pods, over what its group says.
import type { Node } from 'yaml'
import { podSettingsSchema } from '#contract/delegate/pod-settings'
import type { StepDocument } from '../document.ts'
import { type Fields, isNull, readFields, readText, words } from './field.ts'
import type { Report } from './report.ts'

export type Container = NonNullable<StepDocument['container']>

export const containerFields = words('privileged runAsUser resources')
/** Of other runners, or decided by the administrator of the delegate. */
export const unusedContainerFields = words('connectorRef imagePullPolicy')

const present = (node: Node | undefined): Node | undefined => (node && isNull(node) ? undefined : node)

export function readContainer(report: Report, fields: Fields): { readonly container?: Container } {
  const { values } = fields
  const privileged = values.get('privileged')
  if (privileged && readText(report, fields, 'privileged') === 'true')
    report.error(privileged, 'not-offered', `${fields.what} cannot be privileged.`, 'Leave out `privileged`.')
  const user = readText(report, fields, 'runAsUser')
  const resources = readFields(report, present(values.get('resources')), {
    what: `\`resources\` of ${fields.what}`,
    known: ['limits'],
    // Requests follow from the limits.
    unused: ['requests'],
  })
  const limits = readFields(report, present(resources?.values.get('limits')), {
    what: `the limits of ${fields.what}`,
    known: ['memory', 'cpu'],
  })
  const given = (name: string, value: unknown, at: Node | undefined): Partial<Container> => {
    if (value === undefined || value === '' || !at) return {}
    const parsed = podSettingsSchema.safeParse({ [name]: value })
    if (parsed.success) return parsed.data
    report.error(at, 'wrong-value', `\`${name}\` of ${fields.what} ${parsed.error.issues[0]?.message ?? 'is wrong'}.`)
    return {}
  }
  const container: Container = {
    ...given('runAsUser', user === undefined || user === '' ? undefined : Number(user), values.get('runAsUser')),
    ...given('memory', limits && readText(report, limits, 'memory'), limits?.values.get('memory')),
    ...given('cpu', limits && readText(report, limits, 'cpu'), limits?.values.get('cpu')),
  }
  return Object.keys(container).length > 0 ? { container } : {}
}
