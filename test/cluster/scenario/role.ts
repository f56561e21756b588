// The Role of deploy/, whole or with verbs taken away.
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import type { World } from '../world.ts'

interface Role {
  readonly kind: string
  readonly rules: readonly {
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly verbs: readonly string[]
  }[]
}

export interface RoleInHand {
  /** `verb resource group` of each. */
  readonly granted: readonly string[]
  /** Leaves the delegate those for which `may` says yes. */
  readonly grant: (may: (verb: string, resource: string) => boolean) => Promise<void>
}

export function roleOf({ cluster }: World): RoleInHand {
  const documents = parseAllDocuments(readFileSync('deploy/kubernetes/delegate.yaml', 'utf8'))
  const role = documents.map((one) => one.toJS() as Role).find(({ kind }) => kind === 'Role')
  if (!role) throw new Error('The manifest has no Role.')
  const granted = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
    verbs.map((verb) => `${verb} ${resources[0]} ${apiGroups[0]}`),
  )
  return {
    granted,
    grant: async (may) => {
      const rules = role.rules.map((rule) => ({
        ...rule,
        verbs: rule.verbs.filter((verb) => may(verb, rule.resources[0] ?? '')),
      }))
      await cluster.apply({ ...role, rules: rules.filter(({ verbs }) => verbs.length > 0) })
    },
  }
}
