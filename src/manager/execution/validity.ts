// Whether stored pipelines can be read by this version. Reading takes two milliseconds each, which a list of a hundred cannot
// spend each time: what was found is remembered for as long as the text is the same.
import { createHash } from 'node:crypto'
import { readPipeline } from '#pipeline/read/pipeline'

/** Documents remembered; the oldest go first. */
const most = 5000

export function createValidity(): (yaml: string) => boolean {
  const known = new Map<string, boolean>()
  return (yaml) => {
    const digest = createHash('sha256').update(yaml, 'utf8').digest('base64')
    const found = known.get(digest)
    if (found !== undefined) return found
    const valid = readPipeline(yaml).pipeline !== undefined
    if (known.size >= most) known.delete(known.keys().next().value ?? '')
    known.set(digest, valid)
    return valid
  }
}
