// The lines of one log as they arrive: appended in pieces of any size, read by a virtual list.

/** Grows while a log is read. `version` changes with every append, so that a reader knows when to look again. */
export class LogBuffer {
  readonly lines: string[] = []
  version = 0
  /** True when the last line had no line feed yet and goes on with the next piece. */
  private open = false
  private readonly listeners = new Set<() => void>()

  append(text: string): void {
    if (text === '') return
    const pieces = text.split('\n')
    const last = pieces.pop() ?? ''
    if (this.open && this.lines.length > 0) {
      const first = pieces.shift()
      this.lines[this.lines.length - 1] += first ?? last
      if (first === undefined) return this.changed()
    }
    for (const piece of pieces) this.lines.push(piece)
    this.open = last !== ''
    if (this.open) this.lines.push(last)
    this.changed()
  }

  /** Forgets everything: the log begins anew. */
  clear(): void {
    this.lines.length = 0
    this.open = false
    this.changed()
  }

  text(): string {
    return this.lines.join('\n')
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private changed(): void {
    this.version += 1
    for (const listener of this.listeners) listener()
  }
}
