// Asks a database for several things at once.
import type { Row, Session } from '../port.ts'

/** The rows of each query. In one message where the session can: while rows of one are read, the server works on the next. */
export async function askAll(
  session: Session,
  texts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Row[])[]> {
  if (session.queries) return await session.queries(texts, signal)
  const answers: (readonly Row[])[] = []
  for (const text of texts) answers.push((await session.execute(text, [], signal)).rows)
  return answers
}
