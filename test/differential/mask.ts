// What may differ in the text of a script: who wrote it, when, and for which of the two databases.
import type { Place } from './peer/place.ts'

export function scriptLines(text: string, place: Place): readonly string[] {
  return (
    text
      .replaceAll(place.label, '<place>')
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
