// The generated pages of docs/reference, made from the contract.
import { api } from '#contract/api/index'
import { protocol } from '#contract/delegate/protocol'
import { faultKinds } from '#contract/fault'
import { roles } from '#contract/permission'
import { commandPage } from './reference-command.ts'
import { databasePage } from './reference-database.ts'
import { settingPage } from './reference-setting.ts'

const header =
  '<!-- Generated from src/contract; `SLUICE_WRITE_REFERENCE=1 npx vitest run test/rule/reference` writes it anew. -->\n'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

function faultPage(): string {
  const rows = Object.entries(faultKinds).map(([code, kind]) => [
    `\`${code}\``,
    String(kind.http),
    String(kind.exit),
    kind.retry,
    kind.hint,
  ])
  return `${header}
# Fault codes

Every error of the API, the command line, an attempt or a log line carries one of these codes. They are stable. HTTP status and
exit code follow from the code; the hint is what to do next, unless the place that raised the fault knows better.

${table(['code', 'HTTP', 'exit', 'retry', 'what to do'], rows)}
`
}

function permissionPage(): string {
  const names = Object.keys(roles) as (keyof typeof roles)[]
  const rows = Object.values(api).map((one) => [
    `\`${one.method} ${one.path}\``,
    one.summary,
    one.access,
    ...names.map((role) => {
      if (one.access === 'public' || one.access === 'signed-in') return 'yes'
      return (roles[role] as readonly string[]).includes(one.access) ? 'yes' : ''
    }),
  ])
  return `${header}
# Endpoints and who may call them

The API with all bodies and answers is served by every manager: \`/v1/docs\` to read, \`/v1/openapi.json\` for programs.
\`public\` needs no credentials, \`signed-in\` any user.

${table(['endpoint', '', 'permission', ...names], rows)}
`
}

function protocolPage(): string {
  const rows = Object.values(protocol).map((one) => [`\`${one.method} ${one.path}\``, one.access, one.summary])
  return `${header}
# Delegate protocol

Plain HTTPS, JSON, outwards only: the delegate polls, the step reports. \`delegate\` calls carry the delegate's 10-minute access
token, \`attempt\` calls the token of that one attempt. Every write of an attempt carries its fence; an older one is refused with
\`stale-fence\` and the sender stops before its next change set.

${table(['call', 'token', ''], rows)}
`
}

export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/reference/fault-codes.md': faultPage,
  'docs/reference/endpoints.md': permissionPage,
  'docs/reference/delegate-protocol.md': protocolPage,
  'docs/reference/settings.md': settingPage,
  'docs/reference/commands.md': commandPage,
  'docs/reference/databases.md': databasePage,
}
