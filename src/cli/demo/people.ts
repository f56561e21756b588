// The people of the demo. Their passwords are public on purpose: the demo listens on this machine only.
import type { Role } from '#contract/permission'

export interface DemoPerson {
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly password: string
}

export const admin: DemoPerson = {
  email: 'admin@sluice.example',
  name: 'Ada Admin',
  role: 'admin',
  password: 'demo-admin',
}
/** Starts the release, and may therefore not approve it. */
export const developer: DemoPerson = {
  email: 'dana@sluice.example',
  name: 'Dana Developer',
  role: 'developer',
  password: 'demo-dana',
}
export const approver: DemoPerson = {
  email: 'pat@sluice.example',
  name: 'Pat Approver',
  role: 'approver',
  password: 'demo-pat',
}
export const people: readonly DemoPerson[] = [admin, developer, approver]
