// Where changelog files come from: a search path that nothing may leave.

/** Limits of what a changelog may bring in. Bytes. */
export const sourceLimits = { fileBytes: 67_108_864, files: 50_000 } as const

/**
 * Files below one or more roots. Paths are relative, with `/`, without leading `/`, `.` or `..`; an implementation refuses
 * to leave its roots, also through symbolic links.
 */
export interface FileSource {
  /** Undefined when there is no such file. Raises Fault `too-large` beyond `sourceLimits.fileBytes`. */
  read(path: string): Promise<Uint8Array | undefined>
  /** All files below a folder, recursively, as paths from the root, in no order. Undefined when there is no such folder. */
  list(folder: string): Promise<readonly string[] | undefined>
}
