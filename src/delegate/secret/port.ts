// What opening secrets needs of its delegate.
import type { SealBinding } from '#contract/delegate/seal'
import type { ManagerPorts } from './manager/port.ts'
import type { OwnSecrets } from './managers.ts'

export interface SecretPorts extends Pick<ManagerPorts, 'fetch' | 'environment' | 'readFile'> {
  /** Opens a box that was sealed to this delegate. Raises `secret-unresolved`. */
  readonly openBox: (box: string, binding: SealBinding) => string
  /** What the delegate itself may show to its steps. */
  readonly own: OwnSecrets
}
