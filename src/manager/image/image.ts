// The image configuration: what the account has set in place of the default images, and which images are in force.
import { sql } from 'kysely'
import {
  type AccountImages,
  type DatabaseImageField,
  databaseImageFields,
  defaultDatabaseImages,
  defaultHelperImages,
  type HelperImageField,
  helperImageFields,
  imageReferenceSchema,
} from '#contract/image'
import { invalidField, recordEntity } from '../entity/change.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'

/** database: steps on databases · helper: programs beside them · pin: set by the account setting, weaker than `database`. */
type Area = 'database' | 'helper' | 'pin'
type Tags<Field extends string> = Partial<Record<Field, string>>
interface Override<Field extends string> {
  readonly field: Field
  readonly value: string
}

interface OverrideRow {
  readonly area: string
  readonly field: string
  readonly image: string
}
/** Of all areas at once: each step that begins asks. */
const readRows = (db: Executor): Promise<readonly OverrideRow[]> =>
  db.selectFrom('image_override').select(['area', 'field', 'image']).execute()

/** What is set in an area. Fields of another version, which the store may hold, are left out. */
function overridesIn<Field extends string>(
  all: readonly OverrideRow[],
  area: Area,
  fields: readonly Field[],
): Tags<Field> {
  const rows = all.filter((row) => row.area === area)
  const found: Tags<Field> = {}
  for (const { field, image } of rows) {
    const known = fields.find((name) => name === field)
    if (known !== undefined) found[known] = image
  }
  return found
}

const databaseIn = (rows: readonly OverrideRow[]): Tags<DatabaseImageField> => ({
  ...overridesIn(rows, 'pin', databaseImageFields),
  ...overridesIn(rows, 'database', databaseImageFields),
})
const readDatabase = async (db: Executor): Promise<Tags<DatabaseImageField>> => databaseIn(await readRows(db))

/** What the account has set, for whoever builds the spec of a pod; everything else is the delegate's. */
export async function readAccountImages(db: Executor): Promise<AccountImages> {
  const rows = await readRows(db)
  const { gitCloneTag } = overridesIn(rows, 'helper', helperImageFields)
  return { ...(gitCloneTag === undefined ? {} : { gitCloneTag }), ...databaseIn(rows) }
}

async function put(tx: StoreTransaction, area: Area, overrides: readonly Override<string>[]): Promise<void> {
  for (const { field, value: image } of overrides)
    await tx
      .insertInto('image_override')
      .values({ area, field, image })
      .onConflict((conflict) => conflict.columns(['area', 'field']).doUpdateSet({ image, updated_at: sql`now()` }))
      .execute()
}

async function drop(tx: StoreTransaction, area: Area, fields?: readonly string[]): Promise<void> {
  if (fields?.length === 0) return
  await tx
    .deleteFrom('image_override')
    .where('area', '=', area)
    .$if(fields !== undefined, (from) => from.where('field', 'in', fields ?? []))
    .execute()
}

/** The account setting: JSON text of an object from field to image. */
function parsePin(value: string): Override<DatabaseImageField>[] {
  const wrong = (message: string) => invalidField('value', message)
  let parsed: unknown
  try {
    parsed = JSON.parse(value)
  } catch {
    throw wrong('Is not JSON.')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw wrong('Must be an object from field to image, such as {"defaultTag": "registry.example.com/step:1"}.')
  return Object.entries(parsed).map(([name, image]) => {
    const field = databaseImageFields.find((known) => known === name)
    if (field === undefined)
      throw wrong(`${name.slice(0, 64)} is no field; they are ${databaseImageFields.join(', ')}.`)
    const checked = imageReferenceSchema.safeParse(image)
    if (!checked.success) throw wrong(`${name}: ${checked.error.issues[0]?.message ?? 'is wrong'}`)
    return { field, value: checked.data }
  })
}

type Names =
  | `get${'Default' | ''}${'' | 'Helper'}Images`
  | `${'update' | 'reset'}${'' | 'Helper'}Images`
  | 'deleteImages'
  | 'pinImages'

/** `version`: of Sluice, the tag of the default images. */
export function imageHandlers(store: Store, version: string): ApiHandlers<Names> {
  /** Changes an area and writes down what was in force before and after. */
  const change = (area: Area, caller: Caller, act: (tx: StoreTransaction) => Promise<void>): Promise<boolean> =>
    store.transaction(async (tx) => {
      const fields: readonly string[] = area === 'helper' ? helperImageFields : databaseImageFields
      const read = async () => overridesIn(await readRows(tx), area, fields)
      const before = await read()
      await act(tx)
      await recordEntity(tx, caller, { kind: 'image-configuration', identifier: area, before, after: await read() })
      return true
    })
  const helperTags = async (overridesOnly: boolean): Promise<Tags<HelperImageField>> => {
    const overrides = overridesIn(await readRows(store.db), 'helper', helperImageFields)
    return overridesOnly ? overrides : { ...defaultHelperImages(version), ...overrides }
  }
  const success = <Data>(data: Data) => ({ status: 'SUCCESS' as const, data })
  return {
    getDefaultImages: async () => ({ ...defaultDatabaseImages(version) }),
    getImages: async ({ query }) => {
      const overrides = await readDatabase(store.db)
      return query.overridesOnly ? overrides : { ...defaultDatabaseImages(version), ...overrides }
    },
    updateImages: ({ body, caller }) => change('database', caller, (tx) => put(tx, 'database', body)),
    resetImages: ({ body, caller }) => change('database', caller, (tx) => drop(tx, 'database', body)),
    deleteImages: ({ caller }) => change('database', caller, (tx) => drop(tx, 'database')),
    pinImages: ({ body: { value }, caller }) => {
      const pins = value === null ? [] : parsePin(value)
      return change('pin', caller, async (tx) => {
        await drop(tx, 'pin')
        await put(tx, 'pin', pins)
      })
    },
    getDefaultHelperImages: async () => success({ ...defaultHelperImages(version) }),
    getHelperImages: async ({ query }) => success(await helperTags(query.overridesOnly)),
    updateHelperImages: async ({ body, caller }) =>
      success(await change('helper', caller, (tx) => put(tx, 'helper', body))),
    resetHelperImages: async ({ body, caller }) =>
      success(await change('helper', caller, (tx) => drop(tx, 'helper', body))),
  }
}
