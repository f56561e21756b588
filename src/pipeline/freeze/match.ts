// What a freeze holds: whole pipelines, or stages by their type and by what they change.
import type { Graph } from '../graph.ts'
import type { EntityFilter, EntityType, FreezeDocument, FreezeRule } from './document.ts'

/** What is about to begin. Absent: not known, or not concerned. */
export interface FreezeSubject {
  readonly org: string
  readonly project: string
  readonly pipeline: string
  readonly stageType?: string
  readonly dbSchema?: string
  readonly dbInstance?: string
}

const narrow: ReadonlySet<EntityType> = new Set<EntityType>(['StageType', 'DBSchema', 'DBInstance'])

/** Does the freeze hold pipelines as they are, whatever their stages change? */
export function holdsPipeline(freeze: Pick<FreezeDocument, 'rules'>, subject: FreezeSubject): boolean {
  return freeze.rules.some((rule) => isWide(rule) && meets(rule, subject))
}

export function holds(freeze: Pick<FreezeDocument, 'rules'>, subject: FreezeSubject): boolean {
  return freeze.rules.some((rule) => meets(rule, subject))
}

const isWide = ({ entities }: FreezeRule): boolean =>
  entities.every(({ type, filter }) => filter === 'All' || !narrow.has(type))

const meets = ({ entities }: FreezeRule, subject: FreezeSubject): boolean =>
  entities.every((entity) => entity.filter === 'All' || meetsFilter(entity, namesOf(entity.type, subject)))

/** What is not known is held by no list, neither by what it names nor by what it leaves out. */
function meetsFilter({ filter, refs }: EntityFilter, names: readonly string[]): boolean {
  if (names.length === 0) return false
  return refs.some((ref) => names.includes(ref)) === (filter === 'Equals')
}

function namesOf(type: EntityType, subject: FreezeSubject): readonly string[] {
  const { org, project, pipeline, stageType, dbSchema, dbInstance } = subject
  const known: Readonly<Record<EntityType, readonly (string | undefined)[]>> = {
    Org: [org],
    Project: [project, `${org}/${project}`],
    Pipeline: [pipeline],
    StageType: [stageType],
    DBSchema: [dbSchema],
    DBInstance: dbInstance === undefined ? [] : [dbInstance, `${dbSchema ?? ''}/${dbInstance}`],
    Service: [],
    Environment: [],
    EnvType: [],
  }
  return known[type].filter((name) => name !== undefined)
}

/** Steps that change nothing outside of the run. Everything else may, scripts above all, and is held by a freeze. */
const harmless: ReadonlySet<string> = new Set([
  'DBSchemaUpdateSQL',
  'DBSchemaRollbackSQL',
  'DBTestAndPreview',
  'HarnessApproval',
  'Wait',
  'Barrier',
  'Queue',
  'Email',
  'GitClone',
])
export const isHarmless = (type: string): boolean => harmless.has(type)

/** Is there anything in the pipeline that a freeze is there to hold? Previews go on. */
export function canBeHeld({ nodes }: Graph): boolean {
  return [...nodes.values()].some((node) => node.kind === 'step' && !node.rollback && !isHarmless(node.type))
}
