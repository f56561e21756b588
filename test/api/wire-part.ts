// A request of a client, its answer, and the life of a resource that requests make up.

export interface Answered {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

export type Request = readonly [method: string, path: string, body?: unknown]
export interface Life {
  readonly create: Request
  /** 200 unless told. */
  readonly created?: number
  readonly read: string
  readonly update: Request
  readonly updated?: number
  readonly remove: string
  readonly removed?: number
  /** The object in an answer to a read, and what it must hold after create and after update. */
  readonly of: (body: Answered['body']) => unknown
  readonly first: object
  readonly second: object
  /** What a read says once it is gone. */
  readonly gone?: object
  /** How a list says that it is gone, where there is no read of one. */
  readonly isGone?: (answered: Answered) => boolean
}
