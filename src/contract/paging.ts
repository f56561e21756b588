// Paging, sorting and searching of lists: one set of query parameters for all of them.
import { z } from 'zod'

export const pageQuery = {
  page: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('Zero-based page.'),
  limit: z.coerce.number().int().min(1).max(100).default(10).describe('Rows a page, at most 100.'),
  search_term: z.string().max(256).optional().describe('Part of identifier or name, any case.'),
}
export const sortQuery = {
  sort: z.enum(['name', 'updated', 'created', 'identifier']).default('created'),
  order: z.enum(['ASC', 'DESC']).default('DESC'),
}
/** Tolerated and ignored: clients of the compatible API add them to each call. */
const tolerated = {
  accountIdentifier: z.string().max(256).optional(),
  routingId: z.string().max(256).optional(),
  orgIdentifier: z.string().max(256).optional(),
  projectIdentifier: z.string().max(256).optional(),
}
export const noQuerySchema = z.object(tolerated)
export const pageQuerySchema = z.object({ ...pageQuery, ...tolerated })
export const listQuerySchema = z.object({ ...pageQuery, ...sortQuery, ...tolerated })
export type ListQuery = z.output<typeof listQuerySchema>
