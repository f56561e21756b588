// All scenarios, in the order in which they run.
import type { World } from '../world.ts'
import { basic } from './basic.ts'
import { chart } from './chart.ts'
import { failure } from './failure.ts'
import { group } from './group.ts'
import { loss } from './loss.ts'
import { page } from './page.ts'
import { place } from './place.ts'
import { script } from './script.ts'
import { task } from './task.ts'

export type Scenario = (world: World) => Promise<string | void>
export const scenarios: Readonly<Record<string, Scenario>> = {
  ...basic,
  ...group,
  ...script,
  ...task,
  ...failure,
  ...loss,
  ...place,
  // Makes the namespaces anew: the delegates of the others are strangers afterwards.
  ...page,
  ...chart,
}
