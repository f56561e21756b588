import { expect, test } from 'vitest'
import { readAtMost } from './body.ts'

test.each([
  [0, true],
  [6, true],
  [7, false],
  [9, false],
])('of %i bytes in pieces, six at the most', async (length, isWhole) => {
  let [sent, cancelled] = [0, false]
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (sent < length) controller.enqueue(Uint8Array.of((sent += 1)))
        else controller.close()
      },
      cancel() {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  const found = await readAtMost({ body }, 6)
  expect([...found.bytes]).toEqual([1, 2, 3, 4, 5, 6].slice(0, length))
  expect([found.isWhole, cancelled]).toEqual([isWhole, !isWhole])
})

test('no body is an empty one', async () => {
  expect(await readAtMost({ body: null }, 6)).toEqual({ bytes: new Uint8Array(), isWhole: true })
})
