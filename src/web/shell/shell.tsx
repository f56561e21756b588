// The frame around every signed-in page: navigation, project, person, and the place where pages appear.
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useApi } from '../api.ts'
import { Icon, type IconName, Mark } from '../part/icon.tsx'
import { approvalsQuery, type Scope, scopesQuery } from '../query.ts'
import { useMay } from '../session.ts'
import { PersonMenu } from './person-menu.tsx'
import { rememberScope, useNearestScope } from './scope.ts'
import { ScopeChooser } from './scope-chooser.tsx'
import style from './shell.module.css'

const inProject = '/orgs/$org/projects/$project'

export function Shell() {
  const organizations = useQuery(scopesQuery(useApi())).data
  const scope = useNearestScope(organizations ?? [])
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  const before = useRef(pathname)
  useEffect(() => {
    if (scope) rememberScope(localStorage, scope)
  }, [scope?.org, scope?.project])
  useEffect(() => {
    // After a move to another page, reading and tabbing go on at the new page, not at the link that led there.
    if (before.current !== pathname) main.current?.focus({ preventScroll: true })
    before.current = pathname
  }, [pathname])
  return (
    <div className={style.shell}>
      <a href="#main" className={style.jump}>
        Skip to content
      </a>
      <nav aria-label="Main" className={style.side}>
        <Link to="/" className={style.brand}>
          <Mark />
          Sluice
        </Link>
        <ScopeChooser scope={scope} organizations={organizations} />
        <div className={style.nav}>
          {scope ? <ProjectLinks scope={scope} /> : null}
          <span className={style.rule} />
          <Entry icon="delegates" label="Delegates" to="/delegates" />
        </div>
        <PersonMenu />
      </nav>
      <main id="main" ref={main} tabIndex={-1} className={style.main}>
        <Outlet />
      </main>
    </div>
  )
}

function ProjectLinks({ scope }: { readonly scope: Scope }) {
  const api = useApi()
  const mayAudit = useMay('audit.view', scope)
  const waiting = useQuery(approvalsQuery(api, scope, 'WAITING')).data?.length ?? 0
  return (
    <>
      <Entry icon="overview" label="Overview" to={inProject} params={scope} exact />
      <Entry icon="schemas" label="Schemas" to={`${inProject}/schemas`} params={scope} />
      <Entry icon="pipelines" label="Pipelines" to={`${inProject}/pipelines`} params={scope} />
      <Entry icon="executions" label="Executions" to={`${inProject}/executions`} params={scope} />
      <Entry icon="connectors" label="Connectors" to={`${inProject}/connectors`} params={scope} />
      <Entry icon="approvals" label="Approvals" to={`${inProject}/approvals`} params={scope} count={waiting} />
      <Entry icon="clock" label="Freezes" to={`${inProject}/freezes`} params={scope} />
      <Entry icon="external" label="Notifications" to={`${inProject}/notifications`} params={scope} />
      <Entry icon="person" label="Service accounts" to={`${inProject}/service-accounts`} params={scope} />
      {mayAudit ? <Entry icon="file" label="Audit" to={`${inProject}/audit`} params={scope} /> : null}
    </>
  )
}

function Entry({
  icon,
  label,
  to,
  params,
  exact = false,
  count = 0,
}: {
  readonly icon: IconName
  readonly label: string
  readonly to: string
  readonly params?: Scope
  readonly exact?: boolean
  readonly count?: number
}) {
  return (
    <Link
      to={to}
      {...(params ? { params } : {})}
      className={style.entry}
      activeOptions={{ exact, includeSearch: false }}
      activeProps={{ 'data-active': true }}
    >
      <Icon name={icon} />
      {label}
      {count > 0 ? (
        <span className={style.count}>
          {count}
          <span className="unseen"> waiting</span>
        </span>
      ) : null}
    </Link>
  )
}
