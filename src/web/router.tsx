// The map of the application: which address shows which page, and that all but the sign-in need a session.
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import type { BrowserApi } from './api.ts'
import { PageFault, PageMissing } from './page/fault.tsx'
import { sessionQuery, signInProvidersQuery } from './query.ts'
import { safeReturnPath } from './session.ts'
import { SignedIn } from './shell/signed-in.tsx'

interface Context {
  readonly api: BrowserApi
  readonly queries: QueryClient
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
const pageNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined

const root = createRootRouteWithContext<Context>()({ component: Outlet })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string; refused?: string } => {
    const [to, refused] = [text(search['to']), text(search['refused'])]
    return { ...(to === undefined ? {} : { to }), ...(refused === undefined ? {} : { refused }) }
  },
  beforeLoad: async ({ context, search }) => {
    if (await context.queries.ensureQueryData(sessionQuery(context.api)))
      throw redirect({ href: safeReturnPath(search.to) })
  },
  // Read before the page is shown, so that nothing moves under the hands of whoever types; without an answer a password will do.
  loader: ({ context }) => context.queries.ensureQueryData(signInProvidersQuery(context.api)).catch(() => []),
  component: lazyRouteComponent(() => import('./page/sign-in.tsx'), 'SignIn'),
})

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.ensureQueryData(sessionQuery(context.api))
    if (!session) throw redirect({ to: '/sign-in', search: { to: location.href } })
  },
  component: SignedIn,
})

const start = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  component: lazyRouteComponent(() => import('./page/start.tsx'), 'Start'),
})

const delegates = createRoute({
  getParentRoute: () => signedIn,
  path: '/delegates',
  component: lazyRouteComponent(() => import('./page/delegate-list.tsx'), 'DelegateList'),
})

const apiKeys = createRoute({
  getParentRoute: () => signedIn,
  path: '/api-keys',
  component: lazyRouteComponent(() => import('./page/api-key-list.tsx'), 'ApiKeyList'),
})

const project = createRoute({ getParentRoute: () => signedIn, path: '/orgs/$org/projects/$project' })

const overview = createRoute({
  getParentRoute: () => project,
  path: '/',
  component: lazyRouteComponent(() => import('./page/overview.tsx'), 'Overview'),
})

const schemas = createRoute({
  getParentRoute: () => project,
  path: '/schemas',
  component: lazyRouteComponent(() => import('./page/schema-list.tsx'), 'SchemaList'),
})

const schema = createRoute({
  getParentRoute: () => project,
  path: '/schemas/$schema',
  component: lazyRouteComponent(() => import('./page/schema/schema.tsx'), 'Schema'),
})

const connectors = createRoute({
  getParentRoute: () => project,
  path: '/connectors',
  component: lazyRouteComponent(() => import('./page/connector-list.tsx'), 'ConnectorList'),
})

const pipelines = createRoute({
  getParentRoute: () => project,
  path: '/pipelines',
  component: lazyRouteComponent(() => import('./page/pipeline-list.tsx'), 'PipelineList'),
})

const pipeline = createRoute({
  getParentRoute: () => project,
  path: '/pipelines/$pipeline',
  validateSearch: (search: Record<string, unknown>): { view?: string } => {
    const view = text(search['view'])
    return view === undefined ? {} : { view }
  },
  component: lazyRouteComponent(() => import('./page/pipeline/pipeline.tsx'), 'Pipeline'),
})

const executions = createRoute({
  getParentRoute: () => project,
  path: '/executions',
  validateSearch: (search: Record<string, unknown>): { page?: number; pipeline?: string } => {
    const page = pageNumber(search['page'])
    const ofPipeline = text(search['pipeline'])
    return { ...(page ? { page } : {}), ...(ofPipeline ? { pipeline: ofPipeline } : {}) }
  },
  component: lazyRouteComponent(() => import('./page/execution-list.tsx'), 'ExecutionList'),
})

const execution = createRoute({
  getParentRoute: () => project,
  path: '/executions/$execution',
  validateSearch: (search: Record<string, unknown>): { step?: string; show?: string } => {
    const step = text(search['step'])
    const show = text(search['show'])
    return { ...(step ? { step } : {}), ...(show ? { show } : {}) }
  },
  component: lazyRouteComponent(() => import('./page/execution/execution.tsx'), 'ExecutionPage'),
})

const approvals = createRoute({
  getParentRoute: () => project,
  path: '/approvals',
  component: lazyRouteComponent(() => import('./page/approval-list.tsx'), 'ApprovalList'),
})

const freezes = createRoute({
  getParentRoute: () => project,
  path: '/freezes',
  component: lazyRouteComponent(() => import('./page/freeze-list.tsx'), 'FreezeList'),
})

const notifications = createRoute({
  getParentRoute: () => project,
  path: '/notifications',
  component: lazyRouteComponent(() => import('./page/notification-list.tsx'), 'NotificationList'),
})

const serviceAccounts = createRoute({
  getParentRoute: () => project,
  path: '/service-accounts',
  component: lazyRouteComponent(() => import('./page/service-account-list.tsx'), 'ServiceAccountList'),
})

const audit = createRoute({
  getParentRoute: () => project,
  path: '/audit',
  component: lazyRouteComponent(() => import('./page/audit.tsx'), 'Audit'),
})

const tree = root.addChildren([
  signIn,
  signedIn.addChildren([
    start,
    delegates,
    apiKeys,
    project.addChildren([
      overview,
      schemas,
      schema,
      connectors,
      pipelines,
      pipeline,
      executions,
      execution,
      approvals,
      freezes,
      notifications,
      serviceAccounts,
      audit,
    ]),
  ]),
])

export function createAppRouter(context: Context) {
  return createRouter({
    routeTree: tree,
    context,
    defaultPreload: 'intent',
    defaultErrorComponent: PageFault,
    defaultNotFoundComponent: PageMissing,
    scrollRestoration: false,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
