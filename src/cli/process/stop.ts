// Ctrl-C and SIGTERM: the first asks for a clean stop, the second does not wait for it.

export interface StopSignal {
  readonly signal: AbortSignal
  /** Resolves at the first signal. */
  readonly requested: Promise<void>
}

/** Installs the handlers. `impatient` runs at the second signal. */
export function stopOnSignals(impatient: () => void): StopSignal {
  const controller = new AbortController()
  const requested = new Promise<void>((resolve) => {
    const onSignal = (): void => {
      if (controller.signal.aborted) impatient()
      controller.abort(new Error('stopped by a signal'))
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
  return { signal: controller.signal, requested }
}
