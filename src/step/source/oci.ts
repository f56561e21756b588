// Brings a changelog that lies as an artifact in a registry (OCI) into a private folder.
import { z } from 'zod'
import type { Fetch } from '#contract/client'
import type { OciSource } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { openRegistry, type Registry } from '#outward/registry'
import { downloadLimit } from './archive.ts'
import type { Credentials, FetchedSource } from './git.ts'
import { writeTree } from './tree.ts'
import { type ArchiveFile, unpack, UnpackedFiles } from './unpack.ts'

export interface ArtifactOptions {
  readonly source: OciSource
  readonly credentials: Credentials
  /** Private folder; replaced when it exists. The caller removes it. */
  readonly folder: string
  readonly line: (text: string) => void
  readonly fetch: Fetch
}

const title = 'org.opencontainers.image.title'
const manifestSchema = z.object({
  layers: z
    .array(
      z.object({
        mediaType: z.string().default(''),
        digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
        size: z.int().nonnegative(),
        annotations: z.record(z.string(), z.string()).default({}),
      }),
    )
    .min(1)
    .max(1000),
})
type Layer = z.infer<typeof manifestSchema>['layers'][number]

/** A folder as ORAS packs it, or a layer that is named nowhere and can only be an archive. */
const isArchive = ({ mediaType, annotations }: Layer): boolean =>
  annotations['io.deis.oras.content.unpack'] === 'true' ||
  annotations[title] === undefined ||
  /[.+](?:tar|tar\+gzip|tar\.gzip|zip)$/.test(mediaType) ||
  /\.(?:zip|tar|tar\.gz|tgz)$/i.test(annotations[title])

/** Faults: those of `openRegistry`, `changelog-invalid` for what is no artifact with files, `too-large`, and the reason of `signal`. */
export async function fetchArtifact(options: ArtifactOptions, signal: AbortSignal): Promise<FetchedSource> {
  const { source, credentials, folder, line, fetch } = options
  const server = new URL(source.url).origin
  const { repository, reference } = source
  line(`Fetching ${repository}${reference.includes(':') ? '@' : ':'}${reference} of ${server}`)
  const registry = openRegistry({ server, repository, credentials, fetch, signal })
  const { bytes, digest } = await registry.manifest(reference)
  const files = await filesOf(registry, readManifest(bytes))
  const root = await writeTree(folder, files, signal)
  line(`Unpacked ${files.length} files, ${digest}`)
  return { root, commit: digest }
}

function readManifest(bytes: Buffer): readonly Layer[] {
  try {
    return manifestSchema.parse(JSON.parse(bytes.toString('utf8'))).layers
  } catch {
    throw new Fault('changelog-invalid', 'What the registry has under this name is no artifact with files.', {
      hint: 'Push the folder of the changelog with `oras push`; an index of images for several machines is none.',
    })
  }
}

async function filesOf(registry: Registry, layers: readonly Layer[]): Promise<readonly ArchiveFile[]> {
  const files = new UnpackedFiles()
  let left = downloadLimit
  for (const layer of layers) {
    const bytes = await registry.blob(layer.digest, left)
    left -= bytes.length
    if (isArchive(layer)) unpack(bytes, files)
    else files.add(layer.annotations[title] ?? '', () => bytes)
  }
  return files.list
}
