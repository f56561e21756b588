// Organizations and projects: the scopes that everything else lives in.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { descriptionSchema, epochMillisecondsSchema, identifierSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { noContentSchema, noParamsSchema, ORG, orgParamsSchema, PROJECT, projectParamsSchema } from './scope.ts'

const organizationFields = {
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.optional(),
  tags: tagsSchema.optional(),
}
export const organizationInSchema = z.object({ organization: z.object(organizationFields) })
export const organizationOutSchema = z.object({
  organization: z.object(organizationFields),
  createdAt: epochMillisecondsSchema,
  lastModifiedAt: epochMillisecondsSchema,
})
const projectFields = {
  ...organizationFields,
  orgIdentifier: identifierSchema.optional(),
  color: z.string().max(32).optional(),
  modules: z.array(z.string().max(32)).max(32).optional(),
}
export const projectInSchema = z.object({ project: z.object(projectFields) })
export const projectOutSchema = z.object({
  project: z.object({
    ...projectFields,
    orgIdentifier: identifierSchema,
    color: z.string(),
    modules: z.array(z.string()),
  }),
  createdAt: epochMillisecondsSchema,
  lastModifiedAt: epochMillisecondsSchema,
})
export type OrganizationOut = z.output<typeof organizationOutSchema>
export type ProjectOut = z.output<typeof projectOutSchema>

const tag = 'Organizations and projects'
export const organizationEndpoints = {
  listOrganizations: endpoint({
    name: 'listOrganizations',
    method: 'GET',
    path: '/v1/orgs',
    tag,
    summary: 'List organizations',
    access: 'organization.view',
    params: noParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(organizationOutSchema),
    paged: true,
    filtered: true,
  }),
  createOrganization: endpoint({
    name: 'createOrganization',
    method: 'POST',
    path: '/v1/orgs',
    tag,
    summary: 'Create an organization',
    access: 'organization.edit',
    params: noParamsSchema,
    query: noQuerySchema,
    body: organizationInSchema,
    status: 201,
    reply: organizationOutSchema,
  }),
  getOrganization: endpoint({
    name: 'getOrganization',
    method: 'GET',
    path: ORG,
    tag,
    summary: 'Read an organization',
    access: 'organization.view',
    params: orgParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: organizationOutSchema,
  }),
  updateOrganization: endpoint({
    name: 'updateOrganization',
    method: 'PUT',
    path: ORG,
    tag,
    summary: 'Replace an organization',
    access: 'organization.edit',
    params: orgParamsSchema,
    query: noQuerySchema,
    body: organizationInSchema,
    status: 200,
    reply: organizationOutSchema,
  }),
  deleteOrganization: endpoint({
    name: 'deleteOrganization',
    method: 'DELETE',
    path: ORG,
    tag,
    summary: 'Delete an organization and all in it',
    access: 'organization.delete',
    params: orgParamsSchema,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
  listProjects: endpoint({
    name: 'listProjects',
    method: 'GET',
    path: `${ORG}/projects`,
    tag,
    summary: 'List projects',
    access: 'project.view',
    params: orgParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(projectOutSchema),
    paged: true,
    filtered: true,
  }),
  createProject: endpoint({
    name: 'createProject',
    method: 'POST',
    path: `${ORG}/projects`,
    tag,
    summary: 'Create a project',
    access: 'project.edit',
    params: orgParamsSchema,
    query: noQuerySchema,
    body: projectInSchema,
    status: 201,
    reply: projectOutSchema,
  }),
  getProject: endpoint({
    name: 'getProject',
    method: 'GET',
    path: PROJECT,
    tag,
    summary: 'Read a project',
    access: 'project.view',
    params: projectParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: projectOutSchema,
  }),
  updateProject: endpoint({
    name: 'updateProject',
    method: 'PUT',
    path: PROJECT,
    tag,
    summary: 'Replace a project',
    access: 'project.edit',
    params: projectParamsSchema,
    query: noQuerySchema,
    body: projectInSchema,
    status: 200,
    reply: projectOutSchema,
  }),
  deleteProject: endpoint({
    name: 'deleteProject',
    method: 'DELETE',
    path: PROJECT,
    tag,
    summary: 'Delete a project and all in it',
    access: 'project.delete',
    params: projectParamsSchema,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
