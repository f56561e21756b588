// Brings the changelog from wherever it lies.
import type { SourceSpec } from '#contract/delegate/step-spec'
import { fetchArchive } from './archive.ts'
import { type FetchedSource, fetchGit, type FetchOptions } from './git.ts'

export type SourceOptions = Omit<FetchOptions, 'source'> & { readonly source: SourceSpec }

/** Faults: those of `fetchGit` and `fetchArchive`. */
export async function fetchSource({ source, ...options }: SourceOptions, signal: AbortSignal): Promise<FetchedSource> {
  switch (source.type) {
    case 'git':
      return await fetchGit({ ...options, source }, signal)
    case 'archive':
      break
  }
  return await fetchArchive({ ...options, source }, signal)
}
