// All scenarios, in the order in which they run.
import type { World } from '../world.ts'
import { basic } from './basic.ts'
import { failure } from './failure.ts'
import { group } from './group.ts'
import { place } from './place.ts'
import { script } from './script.ts'

export type Scenario = (world: World) => Promise<string | void>
export const scenarios: Readonly<Record<string, Scenario>> = { ...basic, ...group, ...script, ...failure, ...place }
