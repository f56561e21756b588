// What a comparison of two schemas is about, handed to everything that looks at them.
import type { Definer } from '#database/snapshot/definer'
import type { Schema } from '#database/snapshot/model'
import type { Selection } from '../snapshot/select.ts'

/** Schemas that are compared with each other. The reference is told in the terms of the comparison; its own name is kept apart. */
export interface SchemaPair {
  readonly reference: Schema
  readonly referenceName: string | undefined
  readonly comparison: Schema
}

export interface Scope {
  readonly pair: SchemaPair
  readonly definer: Definer
  readonly selection: Selection
  /** The position of a column counts. */
  readonly columnOrder: boolean
  /** Of the comparison. */
  readonly shortName: string
}
