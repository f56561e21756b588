// The smallest changelog that still shows a difference, so that a person can read it.
import type { ChangeSet, Entry, Generated } from './generate/model.ts'

type Fails = (generated: Generated) => Promise<boolean>

/** Leaves out files, change sets, changes and attributes as long as `fails` says that the difference stays. */
export async function shrink(generated: Generated, fails: Fails): Promise<Generated> {
  let smallest = generated
  for (let size = Math.ceil(places(generated).length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < places(smallest).length; ) {
      const gone = new Set(places(smallest).slice(start, start + size))
      const smaller = keep(smallest, (changeSet) => (gone.has(changeSet) ? undefined : changeSet))
      if (await fails(smaller)) smallest = smaller
      else start += size
    }
  }
  for (const simpler of [withoutChanges, withoutColumns, withoutAttributes]) {
    for (const changeSet of places(smallest)) {
      let current = changeSet
      for (const candidate of simpler(changeSet)) {
        const next = candidate(current)
        if (next === current) continue
        const smaller = keep(smallest, (one) => (one === current ? next : one))
        if (!(await fails(smaller))) continue
        smallest = smaller
        current = next
      }
    }
  }
  return smallest
}

function places({ files }: Generated): readonly ChangeSet[] {
  return files.flatMap((file) => file.entries.flatMap((entry) => (entry.kind === 'changeSet' ? [entry.changeSet] : [])))
}

function keep(generated: Generated, change: (changeSet: ChangeSet) => ChangeSet | undefined): Generated {
  const files = generated.files.map((file) => ({
    ...file,
    entries: file.entries.flatMap((entry): readonly Entry[] => {
      if (entry.kind !== 'changeSet') return [entry]
      const changeSet = change(entry.changeSet)
      return changeSet ? [{ kind: 'changeSet', changeSet }] : []
    }),
  }))
  return { ...generated, files }
}

type Step = (changeSet: ChangeSet) => ChangeSet

function withoutChanges({ changes }: ChangeSet): readonly Step[] {
  return changes.map((gone) => (one) => ({ ...one, changes: one.changes.filter((change) => change !== gone) }))
}

function withoutColumns({ changes }: ChangeSet): readonly Step[] {
  return changes.flatMap((change) =>
    (change.columns ?? []).map(
      (gone): Step =>
        (one) => ({
          ...one,
          changes: one.changes.map((other) => ({
            ...other,
            ...(other.columns?.includes(gone) ? { columns: other.columns.filter((column) => column !== gone) } : {}),
          })),
        }),
    ),
  )
}

function withoutAttributes({ attributes }: ChangeSet): readonly Step[] {
  const optional = ['comment', 'preconditions', 'modifications', 'validCheckSums', 'rollback'] as const
  return [
    ...Object.keys(attributes).map(
      (name): Step =>
        (one) => ({
          ...one,
          attributes: Object.fromEntries(Object.entries(one.attributes).filter(([other]) => other !== name)),
        }),
    ),
    ...optional.map(
      (name): Step =>
        (one) => {
          if (one[name] === undefined) return one
          const { [name]: _, ...rest } = one
          return rest
        },
    ),
  ]
}
