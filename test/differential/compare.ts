// One generated changelog through both engines: what they write, what they leave, and whether each goes on where the other stopped.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Difference, difference } from './difference.ts'
import { shortLivedFolder } from './folder.ts'
import type { Generated } from './generate/model.ts'
import type { Answer, Liquibase } from './liquibase.ts'
import { scriptLines } from './mask.ts'
import type { Place, Recorded, Sight } from './peer/place.ts'
import { runSluice } from './sluice.ts'
import { edited, writeFiles } from './write/files.ts'

/** A Java machine and two databases: what the original does first, and what Sluice does first. */
export interface Lane {
  readonly liquibase: Liquibase
  readonly theirs: Place
  readonly ours: Place
}

export interface Comparison {
  readonly differences: readonly Difference[]
  /** Both refused or failed the first update: an agreement, but one that says little. */
  readonly failed: boolean
  /** Why the original failed, for the maker of the generator. */
  readonly reason: string
  /** Change sets that the history held after the first update. */
  readonly ran: number
}

/** All of it would be thousands of change sets. */
const everything = '1000'

/** Made of the same parts as `update-sql` and `rollback-count-sql`: one of them for each changelog is enough. */
const otherScripts: readonly (readonly [command: string, values: Readonly<Record<string, string>>])[] = [
  ['future-rollback-sql', {}],
  ['changelog-sync-sql', {}],
  ['mark-next-changeset-ran-sql', {}],
  ['update-count-sql', { count: '2' }],
]

/** Commands whose scripts have a header in 4.33, as ours do, and none in 4.28. */
const withoutHeader: ReadonlySet<string> = new Set(['update-count-sql', 'mark-next-changeset-ran-sql'])
const header = /^(--\s+)\*{69}\n(?:--\s+.*\n)+?\1\*{69}\n(?:--\s+.*\n)+?\1\*{69}\n\n/m

export async function compare(lane: Lane, generated: Generated): Promise<Comparison> {
  const folder = mkdtempSync(join(shortLivedFolder(), 'sluice-changelog-'))
  try {
    writeInto(folder, generated)
    return await new Trial(lane, generated, folder).run()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export function writeInto(folder: string, generated: Generated): void {
  for (const [path, text] of Object.entries(writeFiles(generated))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

class Trial {
  readonly #lane: Lane
  readonly #generated: Generated
  readonly #folder: string
  readonly #differences: Difference[] = []
  /** Both refused or failed the first update, and perhaps left something half-way. */
  #failed = false

  constructor(lane: Lane, generated: Generated, folder: string) {
    this.#lane = lane
    this.#generated = generated
    this.#folder = folder
  }

  async run(): Promise<Comparison> {
    const { theirs, ours } = this.#lane
    await this.#empty()
    await this.#scripts('update-sql', {})
    await this.#empty()
    const [command, values] = otherScripts[this.#generated.seed % otherScripts.length] ?? []
    if (command !== undefined) await this.#scripts(command, values ?? {})
    await this.#empty()
    const [original, own] = await Promise.all([this.#original('update', theirs), this.#own('update', ours)])
    this.#outcome('update', original, own)
    const failed = !original.ok && !own.ok
    this.#failed = failed
    const ran = await this.#state('update')
    const result = (): Comparison => ({
      differences: this.#differences,
      failed,
      reason: failed ? original.text : '',
      ran,
    })
    if (this.#differences.length > 0) return result()
    if (!failed && this.#generated.ages) await this.#age()
    await this.#crosswise('second update', 'update', {})
    if (Object.keys(this.#generated.edits).length > 0) {
      writeInto(this.#folder, edited(this.#generated))
      await this.#crosswise('update after edits', 'update', {})
    }
    if (this.#differences.length > 0) return result()
    const isOdd = this.#generated.seed % 2 === 1
    if (isOdd) await this.#scripts('rollback-count-sql', { count: everything })
    await this.#crosswise('rollback', 'rollback-count', { count: everything })
    if (this.#differences.length > 0 || failed) return result()
    if (!isOdd) await this.#halfway(Math.ceil(ran / 2))
    return result()
  }

  async #empty(): Promise<void> {
    await Promise.all([this.#lane.theirs.empty(), this.#lane.ours.empty()])
  }

  /** Each engine on the database that the other one worked on. */
  async #crosswise(what: string, command: string, values: Readonly<Record<string, string>>): Promise<void> {
    const { theirs, ours } = this.#lane
    const [original, own] = await Promise.all([
      this.#original(command, ours, values),
      this.#own(command, theirs, values),
    ])
    this.#outcome(what, original, own)
    // Now the original wrote into ours.
    await this.#state(what, true)
  }

  /** The history as version 8 of the checksums left it, in the databases of both; sometimes with one that does not fit any more. */
  async #age(): Promise<void> {
    const { theirs, ours } = this.#lane
    const { ok, text } = await this.#original('checksums', theirs)
    if (!ok) throw new Error(text)
    const sums = text.split('\n').flatMap((line): readonly Recorded[] => {
      const [id, author, path, checksum] = line.split(' ').map((word) => Buffer.from(word, 'base64').toString('utf8'))
      return id && author !== undefined && path && checksum ? [{ id, author, path, checksum }] : []
    })
    const [first, ...rest] = sums
    if (first === undefined) throw new Error('no change set')
    const { seed } = this.#generated
    const written = seed % 12 === 0 ? [{ ...first, checksum: `8:${'0'.repeat(32)}` }, ...rest] : sums
    await Promise.all([theirs.setChecksums(written), ours.setChecksums(written)])
    await this.#scripts('update-sql', {})
  }

  /** One engine begins, the other one ends. */
  async #halfway(count: number): Promise<void> {
    const { theirs, ours } = this.#lane
    writeInto(this.#folder, this.#generated)
    await this.#empty()
    const some = { count: String(Math.max(count, 1)) }
    const [original, own] = await Promise.all([
      this.#original('update-count', theirs, some),
      this.#own('update-count', ours, some),
    ])
    this.#outcome('half of the update', original, own)
    await this.#state('half of the update')
    if (this.#differences.length > 0) return
    await this.#crosswise('other half of the update', 'update', {})
  }

  async #scripts(command: string, values: Readonly<Record<string, string>>): Promise<void> {
    const { theirs, ours } = this.#lane
    const [original, own] = await Promise.all([
      this.#original(command, theirs, values),
      this.#own(command, ours, values),
    ])
    this.#outcome(command, original, own)
    if (!original.ok || !own.ok) return
    const text = withoutHeader.has(command) ? own.text.replace(header, '') : own.text
    // One command names the logical path of the root instead of its file.
    const lines = (script: string, place: Place): readonly string[] =>
      scriptLines(command === 'future-rollback-sql' ? script.replace(/Change Log: .*/, 'Change Log: *') : script, place)
    this.#differences.push(...difference(command, lines(original.text, theirs), lines(text, ours)))
  }

  #outcome(what: string, original: Answer, own: Answer): void {
    if (original.ok === own.ok) return
    const say = ({ ok, text }: Answer): readonly string[] =>
      ok ? ['done'] : ['failed', text.trim().split('\n').at(-1) ?? '']
    this.#differences.push({ what: `${what}: outcome`, lines: difference('', say(original), say(own))[0]?.lines ?? [] })
  }

  /** Compares what both left; the number of change sets in the history. */
  async #state(what: string, crossed = false): Promise<number> {
    const { theirs, ours } = crossed ? { theirs: this.#lane.ours, ours: this.#lane.theirs } : this.#lane
    const [original, own] = await Promise.all([theirs.look(), ours.look()])
    const objects = (sight: Sight): readonly string[] =>
      this.#failed && ours.commitsChanges ? sight.objects.filter((text) => !text.startsWith('row of')) : sight.objects
    this.#differences.push(
      ...difference(`${what}: schema and rows`, objects(original), objects(own)),
      ...difference(`${what}: history`, original.history, own.history),
      ...difference(`${what}: lock`, [String(original.locked)], [String(own.locked)]),
    )
    return original.history.length
  }

  async #original(command: string, place: Place, values: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { root, contexts, labelFilter } = this.#generated
    return await this.#lane.liquibase.run(this.#folder, camelCase(command), {
      url: place.url,
      ...(place.username === undefined ? {} : { username: place.username }),
      ...(place.password === undefined ? {} : { password: place.password }),
      ...(place.driver === undefined ? {} : { driver: place.driver }),
      changelogFile: root,
      ...(contexts === '' ? {} : { contextFilter: contexts }),
      ...(labelFilter === '' ? {} : { labelFilter }),
      ...values,
    })
  }

  async #own(command: string, place: Place, values: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { root, contexts, labelFilter } = this.#generated
    return await runSluice(this.#folder, command, {
      url: place.url,
      ...(place.username === undefined ? {} : { username: place.username }),
      ...(place.password === undefined ? {} : { password: place.password }),
      'changelog-file': root,
      ...(contexts === '' ? {} : { contexts }),
      ...(labelFilter === '' ? {} : { 'label-filter': labelFilter }),
      ...values,
    })
  }
}

function camelCase(command: string): string {
  return command.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
