// What the writers of this folder need besides the statement.
import type { Flavour } from './flavour.ts'
import type { Naming } from './naming.ts'

export interface Context {
  readonly naming: Naming
  readonly flavour: Flavour
}
