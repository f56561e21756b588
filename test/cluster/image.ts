// Builds the images of deploy/images without a Docker engine: each stage is a layer over its base's, as files of this machine.
import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Instruction, readDockerfile, type Stage } from './dockerfile.ts'
import { bringPackages, makeNodeRoot } from './root.ts'

export interface Blob {
  readonly digest: string
  readonly size: number
}
interface Layer {
  /** Not compressed: it stays on this machine. */
  readonly blob: Blob
  readonly diff: string
}
interface Built {
  readonly layers: readonly Layer[]
  readonly config: Readonly<Record<string, unknown>>
}
export interface Image {
  readonly name: string
  readonly manifest: Blob
  readonly config: Blob
  readonly layers: readonly Blob[]
}

const sha = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Packages that run in production, as `npm prune --omit=dev` on this platform would leave them. */
function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; libc?: string[] }>
  }
  return Object.entries(lock.packages)
    .filter(
      ([path, one]) => path !== '' && !one.dev && !one.devOptional && !one.libc?.includes('musl') && existsSync(path),
    )
    .map(([path]) => path)
    .filter((path) => !path.endsWith('-musl'))
}

export class ImageStore {
  readonly #folder: string
  readonly #built = new Map<string, Built>()
  readonly images: Image[] = []

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true })
  }

  #put(bytes: Uint8Array): Blob {
    const digest = sha(bytes)
    writeFileSync(this.pathOf(digest), bytes)
    return { digest, size: bytes.length }
  }
  pathOf(digest: string): string {
    return join(this.#folder, 'blobs', ...digest.split(':'))
  }

  layer(root: string): Layer {
    const args = ['-C', root, '--numeric-owner', '--sort=name', '--mtime=@0', '-cf', '-', '.']
    const { stdout, status, stderr } = spawnSync('tar', args, { maxBuffer: 2 ** 31 - 1 })
    if (status !== 0) throw new Error(`tar: ${stderr.toString()}`)
    const blob = this.#put(stdout)
    return { blob, diff: blob.digest }
  }

  image(name: string, layers: readonly Layer[], config: Readonly<Record<string, unknown>>): Image {
    const json = (value: unknown): Blob => this.#put(Buffer.from(JSON.stringify(value)))
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch
    const configBlob = json({
      architecture,
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ diff }) => diff) },
    })
    const manifest = json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...configBlob },
      layers: layers.map(({ blob }) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...blob })),
    })
    const image = { name, manifest, config: configBlob, layers: layers.map(({ blob }) => blob) }
    this.images.push(image)
    return image
  }

  /** Builds the targets as `localhost/sluice/TARGET:test`. */
  buildTargets(dockerfile: string, targets: readonly string[]): void {
    const stages = readDockerfile(readFileSync(dockerfile, 'utf8'))
    for (const target of targets) {
      const { layers, config } = this.#stage(stages, target)
      this.image(`localhost/sluice/${target}:test`, layers, config)
    }
  }

  #stage(stages: readonly Stage[], name: string): Built {
    const known = this.#built.get(name)
    if (known) return known
    const stage = stages.find((one) => one.name === name)
    const built = stage ? this.#apply(stage, this.#stage(stages, stage.base)) : this.#base(name)
    this.#built.set(name, built)
    return built
  }

  #base(name: string): Built {
    if (!/^node:20-bookworm-slim$/.test(name)) throw new Error(`This machine has nothing that stands in for ${name}.`)
    const root = join(this.#folder, 'root-node')
    makeNodeRoot(root)
    const layer = this.layer(root)
    rmSync(root, { recursive: true })
    return { layers: [layer], config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] } }
  }

  #apply({ name, instructions }: Stage, base: Built): Built {
    const root = join(this.#folder, `root-${name}`)
    mkdirSync(root, { recursive: true })
    let config = base.config
    for (const one of instructions) {
      if (one.type === 'copy') copy(root, one)
      else if (one.type === 'run') run(root, one.command)
      else config = configure(config, one)
    }
    const layers = readdirSync(root).length > 0 ? [...base.layers, this.layer(root)] : base.layers
    rmSync(root, { recursive: true })
    return { layers, config }
  }

  /** An archive in the OCI layout, for `ctr images import`. */
  archive(path: string, images: readonly Image[]): void {
    writeFileSync(join(this.#folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    const manifests = images.map(({ name, manifest }) => ({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      ...manifest,
      annotations: { 'io.containerd.image.name': name },
    }))
    writeFileSync(join(this.#folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
    const used = new Set(
      images.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]).map(({ digest }) => digest),
    )
    const files = [...used].map((digest) => `blobs/${digest.replace(':', '/')}`)
    const { status, stderr } = spawnSync('tar', ['-C', this.#folder, '-cf', path, 'oci-layout', 'index.json', ...files])
    if (status !== 0) throw new Error(`tar: ${stderr.toString()}`)
  }
}

/** The build stage is this work tree, which is built already. */
function copy(root: string, { from, source, target }: Extract<Instruction, { type: 'copy' }>): void {
  if (from !== 'build' || !source.startsWith('/src/'))
    throw new Error(`Cannot copy ${source} from ${from ?? 'the context'}.`)
  const path = source.slice('/src/'.length)
  const into = join(root, target)
  mkdirSync(dirname(into), { recursive: true })
  if (path !== 'node_modules') return cpSync(path, into, { recursive: true, filter: (file) => !file.endsWith('.map') })
  for (const folder of productionPackages())
    cpSync(folder, join(root, dirname(target), folder), {
      recursive: true,
      filter: (file) => file === folder || !file.slice(folder.length).includes('/node_modules'),
    })
}

function run(root: string, command: string): void {
  const link = /^ln -s (\S+) (\S+)$/.exec(command)
  const folder = /^install -d -o (\d+) -g (\d+) (\S+)$/.exec(command)
  const install = /apt-get install -y --no-install-recommends ([^&]+?)(?: &&|$)/.exec(command)
  if (link?.[1] && link[2]) {
    mkdirSync(dirname(join(root, link[2])), { recursive: true })
    symlinkSync(link[1], join(root, link[2]))
  } else if (folder?.[3]) {
    const path = join(root, folder[3])
    mkdirSync(path, { recursive: true })
    chownSync(path, Number(folder[1]), Number(folder[2]))
  } else if (install?.[1]) bringPackages(root, install[1].trim().split(/\s+/))
  else throw new Error(`The builder of the tests cannot run: ${command}`)
}

function configure(config: Built['config'], one: Instruction): Built['config'] {
  switch (one.type) {
    case 'env':
      return { ...config, Env: [...((config['Env'] as string[] | undefined) ?? []), `${one.name}=${one.value}`] }
    case 'label':
      return { ...config, Labels: { ...(config['Labels'] as object | undefined), [one.name]: one.value } }
    case 'user':
      return { ...config, User: one.value }
    case 'workdir':
      return { ...config, WorkingDir: one.value }
    case 'entrypoint':
      return { ...config, Entrypoint: one.value }
    case 'cmd':
      return { ...config, Cmd: one.value }
    // What is listened on is said for people.
    case 'expose':
    case 'copy':
    case 'run':
      break
  }
  return config
}
