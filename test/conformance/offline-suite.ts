// All checks that need no server, in the order of the table.
import type { Check } from './check.ts'
import type { Corpus } from './corpus.ts'
import { caseChecksums } from './case-checksum.ts'
import { expectedSqlChecks } from './expected-sql.ts'
import { historyChecks } from './history.ts'
import { minimalSqlChecks } from './minimal-sql.ts'
import { checksumVectors } from './vector-checksum.ts'
import { metadataVectors } from './vector-metadata.ts'
import { splitVectors } from './vector-split.ts'
import { sqlVectors } from './vector-sql.ts'
import { typeVectors } from './vector-type.ts'

/** `vectors` is the folder of the vectors. */
export function offlineSuites(corpus: Corpus, vectors: string): readonly Check[] {
  return [
    ...checksumVectors(vectors),
    ...sqlVectors(vectors),
    ...splitVectors(vectors),
    ...typeVectors(vectors),
    ...metadataVectors(vectors),
    ...caseChecksums(corpus),
    ...expectedSqlChecks(corpus),
    ...minimalSqlChecks(corpus),
    ...historyChecks(corpus),
  ]
}
