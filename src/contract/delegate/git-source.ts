// A repository of Git and what signs in there: of a changelog, and of a clone.
import { z } from 'zod'
import { secretReferencesSchema } from '../identifier.ts'

/** Credentials of a source are secret references; of several with commas the first that is accepted counts. */
export const sourceCredentials = {
  username: z.string().max(256).optional(),
  usernameRef: secretReferencesSchema.optional(),
  passwordRef: secretReferencesSchema.optional(),
}
/** Exactly one of them. */
export const revisionSchema = z.union([
  z.object({ branch: z.string().min(1).max(256) }),
  z.object({ commit: z.string().min(4).max(64) }),
  z.object({ tag: z.string().min(1).max(256) }),
  /** What the repository shows first. */
  z.object({ default: z.literal(true) }),
])
export const gitSourceSchema = z.object({
  type: z.literal('git'),
  url: z.string().max(4096),
  reference: revisionSchema,
  /** Changelog file, relative to the root of the repository; the root is the search path. `.`: none, only the files. */
  path: z.string().min(1).max(1024),
  ...sourceCredentials,
})
export type GitSource = z.infer<typeof gitSourceSchema>

/** A repository as people work with it, in the folder of the step group. */
export const cloneWorkSchema = z.object({
  type: z.literal('GitClone'),
  url: z.string().max(4096),
  /** `ref`: a whole name, as hosts have them for pull requests. */
  reference: z.union([revisionSchema, z.object({ ref: z.string().regex(/^refs\/[^\s:*?[\\^~]{1,240}$/) })]),
  /** Relative to the folder; '' is the folder itself. */
  directory: z.string().max(512),
  /** Commits; 0: all of them. */
  depth: z.int().min(0).max(1_000_000),
  fetchTags: z.boolean(),
  /** Folders that are checked out; empty: all. */
  sparse: z.array(z.string().min(1).max(512)).max(100),
  /** Those of the repository, or those of its submodules as well; absent: none. */
  submodules: z.enum(['own', 'recursive']).optional(),
  /** The files of Git LFS instead of their pointers. */
  lfs: z.boolean().optional(),
  ...sourceCredentials,
})
export type CloneWork = z.infer<typeof cloneWorkSchema>
