// Organizations and projects as the clients of the platform services address them (wire contract 2.5).
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { identifierSchema } from '../identifier.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import { organizationInSchema, organizationOutSchema, projectInSchema, projectOutSchema } from './organization.ts'
import { noParamsSchema, orgParamsSchema } from './scope.ts'

const organizationReply = organizationOutSchema.extend({ harnessManaged: z.boolean() })
const projectReply = projectOutSchema.extend({ isFavorite: z.boolean() })
const projectParams = z.object({ project: identifierSchema })

const tag = 'Organizations and projects (platform services)'
const base = { tag, envelope: 'platform', query: platformQuerySchema, status: 200 } as const
const ORGANIZATIONS = '/ng/api/organizations'
const PROJECTS = '/ng/api/projects'
export const platformOrganizationEndpoints = {
  platformListOrganizations: endpoint({
    ...base,
    name: 'platformListOrganizations',
    method: 'GET',
    path: ORGANIZATIONS,
    summary: 'List organizations',
    access: 'organization.view',
    params: noParamsSchema,
    query: platformListQuerySchema,
    reply: z.array(organizationReply),
    paged: true,
    filtered: true,
  }),
  platformCreateOrganization: endpoint({
    ...base,
    name: 'platformCreateOrganization',
    method: 'POST',
    path: ORGANIZATIONS,
    summary: 'Create an organization',
    access: 'organization.edit',
    params: noParamsSchema,
    body: organizationInSchema,
    reply: organizationReply,
  }),
  platformGetOrganization: endpoint({
    ...base,
    name: 'platformGetOrganization',
    method: 'GET',
    path: `${ORGANIZATIONS}/{org}`,
    summary: 'Read an organization',
    access: 'organization.view',
    params: orgParamsSchema,
    reply: organizationReply,
  }),
  platformUpdateOrganization: endpoint({
    ...base,
    name: 'platformUpdateOrganization',
    method: 'PUT',
    path: `${ORGANIZATIONS}/{org}`,
    summary: 'Replace an organization',
    access: 'organization.edit',
    params: orgParamsSchema,
    body: organizationInSchema,
    reply: organizationReply,
  }),
  platformDeleteOrganization: endpoint({
    ...base,
    name: 'platformDeleteOrganization',
    method: 'DELETE',
    path: `${ORGANIZATIONS}/{org}`,
    summary: 'Delete an organization and all in it',
    access: 'organization.delete',
    params: orgParamsSchema,
    reply: z.literal(true),
  }),
  platformListProjects: endpoint({
    ...base,
    name: 'platformListProjects',
    method: 'GET',
    path: PROJECTS,
    summary: 'List projects of one organization, or of all that the caller sees',
    access: 'project.view',
    params: noParamsSchema,
    query: platformListQuerySchema,
    reply: z.array(projectReply),
    paged: true,
    filtered: true,
  }),
  platformListAllProjects: endpoint({
    ...base,
    name: 'platformListAllProjects',
    method: 'GET',
    path: `${PROJECTS}/list`,
    summary: 'List projects of several organizations',
    access: 'project.view',
    params: noParamsSchema,
    query: platformListQuerySchema.extend({ orgIdentifiers: z.string().max(16_384).optional() }),
    reply: z.array(projectReply),
    paged: true,
    filtered: true,
  }),
  platformCreateProject: endpoint({
    ...base,
    name: 'platformCreateProject',
    method: 'POST',
    path: PROJECTS,
    summary: 'Create a project',
    access: 'project.edit',
    params: noParamsSchema,
    body: projectInSchema,
    scopeInBody: 'project',
    reply: projectReply,
  }),
  platformGetProject: endpoint({
    ...base,
    name: 'platformGetProject',
    method: 'GET',
    path: `${PROJECTS}/{project}`,
    summary: 'Read a project',
    access: 'project.view',
    params: projectParams,
    reply: projectReply,
  }),
  platformUpdateProject: endpoint({
    ...base,
    name: 'platformUpdateProject',
    method: 'PUT',
    path: `${PROJECTS}/{project}`,
    summary: 'Replace a project',
    access: 'project.edit',
    params: projectParams,
    body: projectInSchema,
    scopeInBody: 'project',
    reply: projectReply,
  }),
  platformDeleteProject: endpoint({
    ...base,
    name: 'platformDeleteProject',
    method: 'DELETE',
    path: `${PROJECTS}/{project}`,
    summary: 'Delete a project and all in it',
    access: 'project.delete',
    params: projectParams,
    reply: z.literal(true),
  }),
}
