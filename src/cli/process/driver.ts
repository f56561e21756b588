// Whether the driver of a database is installed, for the check that a delegate makes before it accepts a step.
import { createRequire } from 'node:module'

/** Drivers that are not always there, by the name of the database in a URL. */
const optional: Readonly<Record<string, string>> = { sqlserver: 'tedious', oracle: 'oracledb' }
const { resolve } = createRequire(import.meta.url)

/** Undefined for databases whose driver is part of every installation, or that are not known here. */
export async function hasDriver(database: string): Promise<boolean | undefined> {
  const name = Object.hasOwn(optional, database) ? optional[database] : undefined
  if (name === undefined) return undefined
  try {
    return resolve(name) !== ''
  } catch {
    return false
  }
}
