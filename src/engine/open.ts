// Opens what a command works with. The caller closes it.
import { Fault } from '#contract/fault'
import type { EngineContext, EngineOptions, TargetContext, TargetOptions } from './context.ts'

/** Opens the database. Faults: those of `openDatabase`. */
export async function openTarget(_options: TargetOptions, _signal?: AbortSignal): Promise<TargetContext> {
  throw new Fault('not-offered', 'It is being written.')
}

/**
 * Opens the database and reads the changelog for it. Faults: those of `openDatabase`, `changelog-not-found`, and
 * `changelog-invalid` with every diagnostic. Closes the database again when it raises one.
 */
export async function openContext(_options: EngineOptions, _signal?: AbortSignal): Promise<EngineContext> {
  throw new Fault('not-offered', 'It is being written.')
}
