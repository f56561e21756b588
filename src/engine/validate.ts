// `validate`: everything that can be found out before anything runs.
import type { Diagnostic } from '#contract/diagnostic'
import type { EngineContext } from './context.ts'
import { planUpdate } from './plan-update.ts'

/**
 * Plans an update and throws the plan away. Faults `changelog-invalid`, `checksum-changed`, `precondition-failed` with every
 * finding. Gives back the warnings.
 */
export async function validate(context: EngineContext, signal?: AbortSignal): Promise<readonly Diagnostic[]> {
  await planUpdate(context, {}, signal)
  return context.warnings
}
