// The containers of a pod in a folder that stands in for theirs: keys, sealed documents, the last word.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { podFiles, podPaths, preparedSchema, sourceFiles } from '#contract/delegate/pod-folder'
import { sealBox } from '#contract/delegate/seal'
import { readPodDocument } from './document.ts'
import { preparePod } from './prepare.ts'
import { writePodResult } from './result.ts'
import { runPodStep } from './step.ts'

let root: string
const result = (): string => readFileSync(join(root, podPaths.result), 'utf8')
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-pod-'))
  for (const folder of ['dev', 'sluice/document', 'sluice/key']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, podPaths.result), '')
})
afterEach(() => rmSync(root, { recursive: true }))

const ports = (onSleep: () => void = () => {}) => ({
  root,
  signal: new AbortController().signal,
  sleep: async () => onSleep(),
})

describe('a pod', () => {
  test('opens what was sealed to the key that it made, when it comes', async () => {
    await preparePod(root, 'a1', '7')
    const { step, source } = preparedSchema.parse(JSON.parse(result()))
    expect(step).not.toBe(source)
    writeFileSync(join(root, podPaths.key, podFiles.key), readFileSync(join(root, podPaths.stepKey, podFiles.key)))
    const box = sealBox(step, 'the document', { attempt: 'a1', fence: '7', ref: 'pod:step' })
    let looks = 0
    const document = await readPodDocument(
      'step',
      ports(() => {
        if (++looks === 3) writeFileSync(join(root, podPaths.document, podFiles.sealed), box)
      }),
    )
    expect(document).toBe('the document')
  })
  test.each([
    ['another fence', { attempt: 'a1', fence: '8', ref: 'pod:step' }],
    ['another container', { attempt: 'a1', fence: '7', ref: 'pod:source' }],
  ])('does not open what was sealed for %s', async (_, binding) => {
    await preparePod(root, 'a1', '7')
    const { step } = preparedSchema.parse(JSON.parse(result()))
    writeFileSync(join(root, podPaths.key, podFiles.key), readFileSync(join(root, podPaths.stepKey, podFiles.key)))
    writeFileSync(join(root, podPaths.document, podFiles.sealed), sealBox(step, 'x', binding))
    await expect(readPodDocument('step', ports())).rejects.toMatchObject({ code: 'secret-unresolved' })
  })
  test('gives up when nothing comes', async () => {
    await expect(readPodDocument('step', ports())).rejects.toThrow('Nothing was brought')
  })
  test('begins its step without a folder of files, and never with one that is a link', async () => {
    writeFileSync(join(root, podPaths.document, podFiles.document), '{}')
    const never = new AbortController().signal
    const begin = () => runPodStep({ environment: {}, random: () => 0, terminate: never, processId: 1 }, ports())
    // The document is looked at, which is for whoever comes that far.
    await expect(begin()).rejects.toThrow('The document on standard input has no folder.')
    const fetched = join(root, podPaths.source, sourceFiles.fetched)
    mkdirSync(fetched, { recursive: true })
    symlinkSync(root, join(fetched, sourceFiles.root))
    await expect(begin()).rejects.toThrow('is a link')
    rmSync(fetched, { recursive: true })
    symlinkSync(root, fetched)
    await expect(begin()).rejects.toThrow('is a link')
  })
  test('has a last word that is whole and short', () => {
    writePodResult(root, { phase: 'started', more: 'x'.repeat(100) })
    writePodResult(root, { phase: 'reported' })
    expect(result()).toBe('{"phase":"reported"}\n')
    writePodResult(root, { phase: 'started', more: 'x'.repeat(5000) }, { phase: 'started' })
    expect(result()).toBe('{"phase":"started"}\n')
  })
})
