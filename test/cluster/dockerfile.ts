// Reads the part of the Dockerfile language that deploy/images uses. What it does not know it refuses, so that the images of the
// tests and those of a real build tell the same story.

export type Instruction =
  | { readonly type: 'copy'; readonly from: string | undefined; readonly source: string; readonly target: string }
  | { readonly type: 'run'; readonly command: string }
  | { readonly type: 'env' | 'label'; readonly name: string; readonly value: string }
  | { readonly type: 'user' | 'workdir'; readonly value: string }
  | { readonly type: 'entrypoint' | 'cmd'; readonly value: readonly string[] }
  | { readonly type: 'expose'; readonly port: string }

export interface Stage {
  readonly name: string
  /** A name of an earlier stage, or of an image. */
  readonly base: string
  readonly instructions: readonly Instruction[]
}

export function readDockerfile(text: string): readonly Stage[] {
  const values = new Map<string, string>()
  const stages: (Stage & { readonly instructions: Instruction[] })[] = []
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, keyword = '', given = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? []
    const rest = given.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '')
    if (keyword === 'ARG') {
      const [name = '', value = ''] = rest.split('=', 2)
      values.set(name, value)
    } else if (keyword === 'FROM') {
      const [, base, name] = /^(\S+) AS (\S+)$/.exec(rest) ?? []
      if (!base || !name) throw new Error(`FROM without a name: ${line}`)
      stages.push({ name, base, instructions: [] })
    } else stages.at(-1)?.instructions.push(readInstruction(keyword, rest, line))
  }
  return stages
}

function readInstruction(keyword: string, rest: string, line: string): Instruction {
  switch (keyword) {
    case 'COPY': {
      const [, from, source, target] = /^(?:--from=(\S+) )?(\S+) (\S+)$/.exec(rest) ?? []
      if (source && target) return { type: 'copy', from, source, target }
      break
    }
    case 'RUN':
      return { type: 'run', command: rest }
    case 'ENV':
    case 'LABEL': {
      const [, name, value] = /^([\w.-]+)="?([^"]*)"?$/.exec(rest) ?? []
      if (name && value !== undefined) return { type: keyword === 'ENV' ? 'env' : 'label', name, value }
      break
    }
    case 'USER':
      return { type: 'user', value: rest }
    case 'WORKDIR':
      return { type: 'workdir', value: rest }
    case 'ENTRYPOINT':
    case 'CMD':
      return { type: keyword === 'CMD' ? 'cmd' : 'entrypoint', value: JSON.parse(rest) as string[] }
    case 'EXPOSE':
      return { type: 'expose', port: rest }
  }
  throw new Error(`The builder of the tests does not know this instruction: ${line}`)
}
