// A rich schema for each database: something of every kind of object that snapshots know.
import { readFileSync } from 'node:fs'
import type { Database } from '#database/port'

export async function makeSchema({ dialect, session }: Database): Promise<void> {
  const text = readFileSync(new URL(`schema/${dialect.shortName}.sql`, import.meta.url), 'utf8')
  // Every statement begins at the start of a line.
  const statements = dialect.capability.multiStatement ? [text] : text.split(/;\n(?=\S|$)/)
  for (const statement of statements) if (statement.trim() !== '') await session.execute(statement)
}
