// Connectors for the clients of the platform services: the same entities, another form of address.
import type { ConnectorInfo, ConnectorOut } from '#contract/api/connector'
import { listQueryOf } from '#contract/platform'
import type { ApiHandlers, Page } from '../http/handler.ts'
import type { Store } from '../store/port.ts'
import { connectorResource } from './connector.ts'
import type { OwnerParams } from './scope.ts'

const shown = (out: ConnectorOut) => ({
  ...out,
  status: null,
  activityDetails: { lastActivityTime: out.lastModifiedAt },
  harnessManaged: false,
  gitDetails: null,
  governanceMetadata: null,
})
const pageOf = ({ rows, total }: Page<ConnectorOut>) => ({ rows: rows.map(shown), total })
/** Documentation and forms of the original product write Jdbc, its API JDBC. */
const typeOf = (type: string): string => (type === 'Jdbc' ? 'JDBC' : type)

interface Scoped {
  readonly orgIdentifier?: string | undefined
  readonly projectIdentifier?: string | undefined
}
/** The scope that query or body names; empty counts as absent. That both say the same is checked before. */
export function scopeOf(query: Scoped, body: Scoped = {}): OwnerParams {
  return {
    org: query.orgIdentifier || body.orgIdentifier || undefined,
    project: query.projectIdentifier || body.projectIdentifier || undefined,
  }
}

type Names =
  | 'platformValidateConnectorIdentifier'
  | `platform${'List' | 'Filter'}Connectors`
  | `platform${'Create' | 'Update' | 'Get' | 'Delete'}Connector`

export function platformConnectorHandlers(store: Store): ApiHandlers<Names> {
  const { list, isFree, create, get, update, remove } = connectorResource(store)
  const of = (connector: ConnectorInfo, query: Scoped) => scopeOf(query, connector)
  return {
    platformListConnectors: async ({ query, caller }) => {
      const types = query.type === undefined ? undefined : [typeOf(query.type)]
      return pageOf(await list(scopeOf(query), listQueryOf(query), caller, types))
    },
    platformFilterConnectors: async ({ query, body, caller }) => {
      const asked = { ...query, searchTerm: query.searchTerm ?? body.searchTerm ?? undefined }
      return pageOf(await list(scopeOf(query), listQueryOf(asked), caller, body.types?.map(typeOf)))
    },
    platformValidateConnectorIdentifier: ({ query }) => isFree(scopeOf(query), query.identifier),
    platformCreateConnector: async ({ query, body: { connector }, caller }) =>
      shown(await create(of(connector, query), connector, caller)),
    platformUpdateConnector: async ({ query, body: { connector }, caller }) =>
      shown(await update(of(connector, query), connector.identifier, connector, caller)),
    platformGetConnector: async ({ params, query }) => shown(await get(scopeOf(query), params.connector)),
    platformDeleteConnector: async ({ params, query, caller }) => {
      await remove(scopeOf(query), params.connector, caller)
      return true as const
    },
  }
}
