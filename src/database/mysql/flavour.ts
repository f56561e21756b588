// What tells MySQL and MariaDB apart, as data: everything else in this folder is the same for both.
import { type Capability, capabilities } from '../capability.ts'

export interface Flavour {
  readonly shortName: 'mysql' | 'mariadb'
  readonly productName: string
  readonly capability: Capability
  /** What a boolean column is. */
  readonly booleanType: string
  /** What a column for identifiers such as `6ccd780c-…` is. */
  readonly uuidType: string
  /** `time(3)` keeps its digits; the original engine drops them for MySQL. */
  readonly timeDigits: boolean
  /** First version that carries one DDL statement out wholly or not at all, also when the server dies. */
  readonly atomicDdlSince: readonly [major: number, minor: number]
}

export const flavours = {
  mysql: {
    shortName: 'mysql',
    productName: 'MySQL',
    capability: capabilities.mysql,
    booleanType: 'TINYINT',
    uuidType: 'char(36)',
    timeDigits: false,
    atomicDdlSince: [8, 0],
  },
  mariadb: {
    shortName: 'mariadb',
    productName: 'MariaDB',
    capability: capabilities.mariadb,
    booleanType: 'TINYINT(1)',
    uuidType: 'UUID',
    timeDigits: true,
    atomicDdlSince: [10, 6],
  },
} as const satisfies Record<string, Flavour>

/** `version` as `select version()` gives it, for example `10.11.6-MariaDB-0+deb12u1`. The server decides, not the URL. */
export const flavourOf = (version: string): Flavour => (/mariadb/i.test(version) ? flavours.mariadb : flavours.mysql)

/** Whether an interrupted DDL statement either took effect or did not; older servers can leave half of it. */
export function hasAtomicDdl({ atomicDdlSince: [major, minor] }: Flavour, version: string): boolean {
  const [, hasMajor = 0, hasMinor = 0] = (/^(\d+)\.(\d+)/.exec(version) ?? []).map(Number)
  return hasMajor > major || (hasMajor === major && hasMinor >= minor)
}
