// What may differ in the text of a script: who wrote it, when, and for which of the two databases.
import type { Place } from './peer/place.ts'

const dropAllForeignKeys =
  /^(?:DO \$\$ DECLARE foreign_key record;\n[^;]*;\n {2}END LOOP;\nEND \$\$;|SET SESSION group_concat_max_len = \d+;\n(?:.*;\n){4}DEALLOCATE PREPARE sluice_drop;)\n\n/gm

export function scriptLines(text: string, place: Place): readonly string[] {
  return (
    text
      .replaceAll(place.label, '<place>')
      // Here the original looks into the database while it plans, and finds nothing yet: decision 0007.
      .replaceAll(dropAllForeignKeys, '')
      // The original appends to rows of a file after a semicolon of its own: decision 0007.
      .replaceAll(/^(INSERT INTO .*\));( \/\* appended \*\/;)$/gm, '$1$2')
      // Only up to 4.28.
      .replaceAll(/^SET SEARCH_PATH TO .*;\n\n/gm, '')
      // 4.33 ends every statement with a semicolon, 4.28 with the delimiter of the changelog.
      .replaceAll(/(?<!\*)(?:\n\/|\/\/|@@|\/)$/gm, ';')
      .replaceAll(/^(--\s+)(Ran at|Against|Liquibase version|Sluice version):.*$/gm, '$1$2: *')
      .replaceAll(/LOCKEDBY = '[^']*'/g, "LOCKEDBY = '*'")
      .replaceAll(/'(?:4\.\d+\.\d+|DEV|sluice-[\d.]+)', '\d{10}'/g, "'*', '*'")
      .replaceAll(/LIQUIBASE = '[^']*'/g, "LIQUIBASE = '*'")
      .replaceAll(/DEPLOYMENT_ID = '\d{10}'/g, "DEPLOYMENT_ID = '*'")
      .trimEnd()
      .split('\n')
  )
}
