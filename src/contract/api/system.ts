// The process itself: health, and what it is.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { noQuerySchema } from '../paging.ts'
import { noParamsSchema } from './scope.ts'

const tag = 'System'
export const systemEndpoints = {
  getHealth: endpoint({
    name: 'getHealth',
    method: 'GET',
    path: '/v1/health',
    tag,
    summary: 'Alive and able to reach the store',
    access: 'public',
    params: noParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: z.object({ status: z.literal('ok'), version: z.string(), store: z.enum(['embedded', 'postgresql']) }),
  }),
}
