// The MCP server of the compatible product against a story: headers, scope in the query and bodies as it sends them.
import { sql } from 'kysely'
import { expect } from 'vitest'
import { appendLog } from '#manager/log/append'
import { packChunks } from '#manager/log/chunk'
import type { Store } from '#manager/store/port'
import { Story } from '../scenario/release-world.ts'

interface Answered {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}
interface Sent {
  readonly query?: Record<string, string>
  readonly body?: unknown
  readonly key?: string
}

export class PlatformClient {
  readonly story: Story
  #key = ''

  private constructor(story: Story) {
    this.story = story
  }
  static async begin(store: Store): Promise<PlatformClient> {
    await sql`delete from sign_in_try`.execute(store.db)
    await sql`delete from api_key`.execute(store.db)
    const client = new PlatformClient(await Story.begin(store))
    client.#key = await client.keyOf('Ada')
    return client
  }

  async keyOf(person: 'Ada' | 'Dana' | 'Ann' | 'Mia'): Promise<string> {
    const { value } = await (await this.story.manager.as(person)).createApiKey({ body: { identifier: 'mcp' } })
    return value
  }

  async send(method: string, path: string, { query = {}, body, key = this.#key }: Sent = {}): Promise<Answered> {
    const { here, manager } = this.story
    const scope = { accountIdentifier: 'acct', routingId: 'acct' }
    const project = { orgIdentifier: here.org, projectIdentifier: here.project }
    const url = `${path}?${new URLSearchParams({ ...scope, ...project, ...query })}`
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const type = typeof body === 'string' ? 'application/yaml' : 'application/json'
    const headers = { 'x-api-key': key, 'harness-account': 'acct', accept: '*/*', 'user-agent': 'node' }
    const response = await manager.app.request(url, {
      method,
      headers: text === undefined ? headers : { ...headers, 'content-type': type },
      ...(text === undefined ? {} : { body: text }),
    })
    return { status: response.status, body: await response.json() }
  }

  /** The data of an answer that went well. */
  async data(method: string, path: string, sent: Sent = {}) {
    const { status, body } = await this.send(method, path, sent)
    expect([status, body.message]).toEqual([200, undefined])
    expect(body).toMatchObject({ status: 'SUCCESS', metaData: null, correlationId: expect.any(String) })
    return body.data
  }

  /** What the fake delegate does not send. */
  async writeLog(execution: string, node: string, text: string): Promise<void> {
    const { store } = this.story.manager
    const { id, fence } = await store.db
      .selectFrom('attempt')
      .where('execution_id', '=', execution)
      .where('node_id', '=', node)
      .select(['id', 'fence'])
      .executeTakeFirstOrThrow()
    const bytes = Buffer.from(text)
    const piece = { attemptId: id, fence, stream: 'step', offset: 0, bytes, chunks: await packChunks(bytes) }
    await store.transaction((tx) => appendLog(tx, piece))
  }

  async logOf(prefix: string): Promise<string> {
    const { body } = await this.send('POST', '/gateway/log-service/blob/download', { query: { prefix } })
    expect(body).toEqual({ status: 'success', link: expect.any(String), expires: expect.any(String) })
    const response = await this.story.manager.app.request(body.link)
    const entry = (await response.json()) as { out: string }
    return entry.out
  }
}
