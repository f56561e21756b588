// Brings the changelog from wherever it lies.
import type { SourceSpec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { fetchArchive } from './archive.ts'
import type { Fetch } from '#contract/client'
import { type FetchedSource, fetchGit, type FetchOptions } from './git.ts'
import { fetchArtifact } from './oci.ts'

export type SourceOptions = Omit<FetchOptions, 'source'> & {
  readonly source: SourceSpec
  /** For what comes by HTTP; git has its own way. */
  readonly fetch: Fetch
}

/** Faults: those of `fetchGit`, `fetchArchive` and `fetchArtifact`. */
export async function fetchSource({ source, ...options }: SourceOptions, signal: AbortSignal): Promise<FetchedSource> {
  switch (source.type) {
    case 'git':
      return await fetchGit({ ...options, source }, signal)
    case 'oci':
      return await fetchArtifact({ ...options, source }, signal)
    case 'script':
      throw new Fault(
        'not-offered',
        'The changelog is written by a script in an image, and this delegate runs no pods.',
        {
          hint: 'Select a delegate that was started with --runner kubernetes.',
        },
      )
    case 'archive':
      break
  }
  return await fetchArchive({ ...options, source }, signal)
}
