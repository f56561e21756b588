// Checksums, descriptions and SQL of every change type, as recorded. The forms behind them were compared with the original
// engine; a value that changes here no longer matches the histories of users.
import { afterAll, expect, test } from 'vitest'
import { constraintCases } from '../database/case/constraint.ts'
import { dataCases } from '../database/case/data.ts'
import { objectCases } from '../database/case/object.ts'
import { tableCases } from '../database/case/table.ts'
import type { Written } from '../database/change-set.ts'
import { isRecording, readGolden, type Recorded, resultOf, writeGolden } from './golden.ts'
import { checksumStories } from './story.ts'

interface Story {
  readonly title: string
  readonly written: Written
  readonly files: Readonly<Record<string, string>>
}

const lived = [...tableCases, ...constraintCases, ...objectCases, ...dataCases].flatMap(
  ({ title, apply, files = {} }) =>
    apply.map(
      (written, index): Story => ({ title: apply.length > 1 ? `${title} ${index + 1}` : title, written, files }),
    ),
)
const stories = [...lived, ...checksumStories]
const golden = isRecording ? {} : readGolden<Recorded>('change')
const recorded: Record<string, Recorded> = {}

test.each(stories.map((story) => [story.title, story] as const))('%s', async (title, { written, files }) => {
  const result = await resultOf(written, files)
  recorded[title] = result
  if (!isRecording) expect(result).toEqual(golden[title])
})

test('nothing recorded is left out', () => {
  expect(new Set(stories.map(({ title }) => title)).size).toBe(stories.length)
  if (!isRecording) expect(Object.keys(golden).toSorted()).toEqual(stories.map(({ title }) => title).toSorted())
})

afterAll(() => {
  if (isRecording) writeGolden('change', recorded)
})
