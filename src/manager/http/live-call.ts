// Keeps track of the requests that are being answered, so that long polls and streams end when the process stops.

export interface LiveCall {
  /** Aborted when the client goes away, when the answer took too long, or when the process stops. */
  readonly signal: AbortSignal
  abort(reason: unknown): void
  end(): void
}

export class LiveCalls {
  readonly #open = new Set<AbortController>()
  #stopping = false

  get stopping(): boolean {
    return this.#stopping
  }

  get count(): number {
    return this.#open.size
  }

  begin(request: Request): LiveCall {
    const controller = new AbortController()
    this.#open.add(controller)
    const gone = () => controller.abort(request.signal.reason)
    if (request.signal.aborted) gone()
    else request.signal.addEventListener('abort', gone, { once: true })
    return {
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      end: () => {
        this.#open.delete(controller)
        request.signal.removeEventListener('abort', gone)
      },
    }
  }

  /** Ends what waits: polls answer empty, streams end. Ordinary requests go on to their end. */
  stop(): void {
    this.#stopping = true
    for (const controller of this.#open) controller.abort(new DOMException('The manager is stopping.', 'AbortError'))
  }
}
