// Where the archive of a changelog lies on its server: a path, or the name of an artifact, and the digest that it must have.
import { z } from 'zod'

export interface ArchivePath {
  /** Without the digest and without a slash at the beginning. */
  readonly path: string
  /** Hex. */
  readonly sha256: string | undefined
}

/** `releases/shop-1.4.zip` or `team/shop:1.4`, each with or without `@sha256:…` behind it; undefined for what is none. */
export function readArchivePath(text: string): ArchivePath | undefined {
  const [, path = '', digest] = /^\/*([^@\s\\]+?)(?:@sha256:([0-9a-f]{64}))?$/i.exec(text.trim()) ?? []
  if (path === '' || path.endsWith('/') || path.includes('://')) return undefined
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return undefined
  return { path, sha256: digest?.toLowerCase() }
}

/** An artifact in a registry: `team/shop:1.4`; without a tag, `latest`. */
export const artifactNameSchema = z
  .string()
  .max(512)
  .regex(/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?$/)
