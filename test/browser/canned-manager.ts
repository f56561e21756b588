// The built web with a few fixed answers, for what the demo cannot show: a log of any length, and the strictest content
// security policy. The answers are checked against the contract.
import { createServer, type ServerResponse } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { Execution } from '../../src/contract/api/execution.ts'
import { executionSchema } from '../../src/contract/api/execution.ts'
import { sessionOutSchema } from '../../src/contract/api/identity.ts'
import { api } from '../../src/contract/api/index.ts'

export interface WebServer {
  readonly url: string
  close(): Promise<void>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

const session = sessionOutSchema.parse({
  user: { email: 'a@example.org', name: 'Ann', role: 'viewer' },
  grants: [],
  csrfToken: 'x',
  account: 'a',
})
const node = {
  kind: 'step',
  rollback: false,
  status: 'Success',
  startedAt: 1,
  endedAt: 2,
  output: {},
  attempts: 1,
  approval: null,
  hasPlan: false,
} as const
const execution: Execution = executionSchema.parse({
  id: '1',
  number: 1,
  pipeline: 'p',
  pipelineName: 'P',
  status: 'Success',
  triggeredBy: { type: 'MANUAL', identifier: 'a@example.org', name: 'Ann' },
  createdAt: 1,
  startedAt: 1,
  endedAt: 2,
  pipelineYaml: '',
  nodes: [
    {
      ...node,
      id: 'stage',
      parent: null,
      kind: 'stage',
      type: 'Custom',
      identifier: 'stage',
      name: 'Stage',
      attempt: null,
    },
    {
      ...node,
      id: 'stage.preview',
      parent: 'stage',
      type: 'DBSchemaUpdateSQL',
      identifier: 'preview',
      name: 'Preview',
      attempt: null,
      hasPlan: true,
    },
    {
      ...node,
      id: 'stage.step',
      parent: 'stage',
      type: 'DBSchemaApply',
      identifier: 'step',
      name: 'Step',
      attempt: '7',
    },
  ],
})
const plans = api.getPlan.reply.parse([
  {
    dbSchema: 's',
    dbInstance: 'i',
    node: 'stage.preview',
    digest: 'd'.repeat(64),
    sql: 'CREATE TABLE a (id int);',
    changeSets: [
      {
        fileName: 'a.sql',
        id: '1',
        author: 'ann',
        direction: 'apply',
        description: 'sql',
        statements: ['CREATE TABLE a (id int)'],
      },
    ],
  },
])

const linesPerEvent = 1000

/** Only as fast as the browser reads. */
async function writeLog(response: ServerResponse, lines: number): Promise<void> {
  let offset = 0
  for (let line = 0; line < lines; line += linesPerEvent) {
    const text = Array.from(
      { length: linesPerEvent },
      (_, index) => `2026-11-21T09:31:22.123Z line ${line + index} of a long log, INSERT INTO orders VALUES (1, 'x')\n`,
    ).join('')
    offset += text.length
    const data = JSON.stringify({ text, nextOffset: offset })
    if (!response.write(`id: ${offset}\ndata: ${data}\n\n`))
      await new Promise((drained) => response.once('drain', drained))
  }
  response.end('event: eof\ndata: null\n\n')
}

async function answer(path: string, response: ServerResponse, logLines: number): Promise<void> {
  const json = (value: unknown): void => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
  }
  if (path === '/v1/session') return json(session)
  if (path.startsWith('/v1/') && path.endsWith('/executions/1')) return json(execution)
  if (path.endsWith('/plan')) return json(plans)
  if (path.endsWith('/log/stream')) {
    response.setHeader('content-type', 'text/event-stream')
    return await writeLog(response, logLines)
  }
  if (path.startsWith('/v1/')) return json([])
  const name = extname(path) === '' ? 'index.html' : path
  const bytes = await readFile(join('dist/web', name))
  response.setHeader('content-security-policy', "default-src 'self'")
  response.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream').end(bytes)
}

export async function serveWeb({ logLines }: { readonly logLines: number }): Promise<WebServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    answer(pathname, response, logLines).catch(() => response.writeHead(404).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
