// Logs as the clients of the platform services fetch them: a name is turned into an address, and the address gives the text.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { platformQuerySchema } from '../platform.ts'
import { noParamsSchema } from './scope.ts'

const tag = 'Logs (platform services)'
export const platformLogEndpoints = {
  platformDownloadLog: endpoint({
    name: 'platformDownloadLog',
    method: 'POST',
    path: '/log-service/blob/download',
    tag,
    summary:
      'An address where the log of a run or of one of its nodes can be read for ten minutes, without credentials',
    access: 'signed-in',
    params: noParamsSchema,
    query: platformQuerySchema.extend({
      accountID: z.string().max(256).optional(),
      prefix: z.string().min(1).max(2048).describe('`logBaseKey` of a node, or that up to the id of the execution.'),
    }),
    status: 200,
    reply: z.object({ status: z.literal('success'), link: z.url(), expires: z.iso.datetime() }),
    secretReply: true,
  }),
  platformReadLog: endpoint({
    name: 'platformReadLog',
    method: 'GET',
    path: '/log-service/blob/content',
    tag,
    summary: 'The log that such an address is about, as one entry; of a long one the end, at most 4 MiB',
    access: 'public',
    params: noParamsSchema,
    query: z.object({ token: z.string().min(1).max(4096) }),
    status: 200,
    reply: z.object({ level: z.literal('info'), time: z.iso.datetime(), out: z.string() }),
  }),
}
