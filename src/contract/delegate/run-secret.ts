// How a step refers to a secret output of an earlier step of its run: `run.` and the node, a colon, and the name of the output.
import { z } from 'zod'

export const runSecretSchema = z
  .string()
  .max(1400)
  .regex(/^run\.[^:,\s]{1,1024}:[A-Za-z_][A-Za-z0-9_]{0,127}$/)
export type RunSecretReference = `run.${string}`

export const isRunSecret = (reference: string): reference is RunSecretReference =>
  reference.startsWith('run.') && reference.includes(':')

export const runSecret = (node: string, name: string): RunSecretReference => `run.${node}:${name}`

export function readRunSecret(reference: RunSecretReference): { readonly node: string; readonly name: string } {
  const at = reference.lastIndexOf(':')
  return { node: reference.slice('run.'.length, at), name: reference.slice(at + 1) }
}
