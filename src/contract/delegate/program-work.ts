// Work of a step that opens no database: scripts, and requests over HTTP. With it everything that a runner has to know of them.
import { z } from 'zod'
import { secretReferencesSchema } from '../identifier.ts'
import { cloneWorkSchema } from './git-source.ts'
import { runSecretSchema } from './run-secret.ts'

/**
 * A text with secrets in it, in pieces: what a step of the same run gave or a trigger told is a text and never read as an expression
 * again, so that nobody can have a secret put into a script by writing `<+secrets…>` into the name of a branch.
 */
export const secretTextSchema = z
  .array(z.union([z.string().max(262_144), z.object({ secret: z.union([secretReferencesSchema, runSecretSchema]) })]))
  .max(1000)
export type SecretText = z.infer<typeof secretTextSchema>

/** Names of environment variables. */
export const variableNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

export const shells = ['Bash', 'Sh', 'Pwsh', 'Python'] as const
export type Shell = (typeof shells)[number]
/** The program of each shell, looked for in PATH. */
export const shellPrograms = { Bash: 'bash', Sh: 'sh', Pwsh: 'pwsh', Python: 'python3' } as const satisfies Record<
  Shell,
  string
>

export const scriptWorkSchema = z.object({
  type: z.literal(['ShellScript', 'Run']),
  shell: z.enum(shells),
  script: secretTextSchema,
  /** Of the process of the script and of no other. */
  environment: z.record(z.string().regex(variableNamePattern), secretTextSchema),
  /** `name`: how later steps read it; `variable`: of the shell, when the script ends. */
  outputs: z
    .array(
      z.object({
        name: z.string().max(128),
        variable: z.string().regex(variableNamePattern),
        /** Nobody is shown it. */
        secret: z.boolean().optional(),
      }),
    )
    .max(100),
  /** For pods: the image in which the script runs; absent: that of our own steps. Has no effect where steps are processes. */
  image: z.string().max(1024).optional(),
})
export type ScriptWork = z.infer<typeof scriptWorkSchema>

export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export const httpWorkSchema = z.object({
  type: z.literal('Http'),
  method: z.enum(httpMethods),
  url: secretTextSchema,
  headers: z.array(z.object({ name: z.string().max(256), value: secretTextSchema })).max(100),
  body: secretTextSchema.optional(),
  /** PEM: the certificate that is shown to a server who asks for one, and its key. Both or none. */
  certificate: secretTextSchema.optional(),
  certificateKey: secretTextSchema.optional(),
})
export type HttpWork = z.infer<typeof httpWorkSchema>

export const programWorkSchema = z.discriminatedUnion('type', [scriptWorkSchema, httpWorkSchema, cloneWorkSchema])
export type ProgramWork = z.infer<typeof programWorkSchema>

const programTypes: ReadonlySet<string> = new Set<ProgramWork['type']>(['ShellScript', 'Run', 'Http', 'GitClone'])
export function isProgramWork<Work extends { readonly type: string }>(
  work: Work,
): work is Extract<Work, { type: ProgramWork['type'] }> {
  return programTypes.has(work.type)
}
export const isScriptWork = <Work extends { readonly type: string }>(
  work: Work,
): work is Extract<Work, { type: ScriptWork['type'] }> => work.type === 'ShellScript' || work.type === 'Run'

/** Set by the administrator of a delegate, for it and all of its steps. Nobody else can. */
export const allowScriptsVariable = 'SLUICE_ALLOW_SCRIPTS'
export const mayRunScripts = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  environment[allowScriptsVariable] === 'true'

const referencesOfText = (text: SecretText): string[] =>
  text.flatMap((part) => (typeof part === 'string' ? [] : [part.secret]))

/** References of the secrets that the work names. */
export function programReferences(work: ProgramWork): string[] {
  // Lists with commas, as those of sources.
  if (work.type === 'GitClone')
    return [work.usernameRef, work.passwordRef].flatMap((list) => list?.split(',').map((one) => one.trim()) ?? [])
  if (work.type === 'Http') {
    const { url, headers, body = [], certificate = [], certificateKey = [] } = work
    return [url, body, certificate, certificateKey, ...headers.map(({ value }) => value)].flatMap(referencesOfText)
  }
  return [work.script, ...Object.values(work.environment)].flatMap(referencesOfText)
}

/** The text with the values of its secrets. */
export const openText = (text: SecretText, valueOf: (reference: string) => string): string =>
  text.map((part) => (typeof part === 'string' ? part : valueOf(part.secret))).join('')
