// An example for each command of the engine, for --help and docs/reference/commands.md.

const target = '--url jdbc:postgresql://db:5432/shop --username shop'
const changelog = `--changelog-file db/changelog.yaml ${target}`

const examples: Readonly<Record<string, readonly string[]>> = {
  init: ['sluice init project --project-dir db --format yaml --url jdbc:sqlite:shop.db'],
  update: [
    `sluice update ${changelog} --contexts prod`,
    `sluice update ${changelog} --plan 3f2a…   # only if it is still the plan that update-sql showed`,
  ],
  'update-count': [`sluice update-count 1 ${changelog}`],
  'update-to-tag': [`sluice update-to-tag v1.4 ${changelog}`],
  'update-testing-rollback': [`sluice update-testing-rollback ${changelog}`],
  rollback: [`sluice rollback v1.3 ${changelog}`],
  'rollback-count': [`sluice rollback-count 2 ${changelog}`],
  'rollback-to-date': [`sluice rollback-to-date 2026-11-20T18:00:00 ${changelog}`],
  tag: [`sluice tag v1.4 ${target}`],
  'changelog-sync': [`sluice changelog-sync ${changelog}`],
  'changelog-sync-to-tag': [`sluice changelog-sync-to-tag v1.0 ${changelog}`],
  'mark-next-changeset-ran': [`sluice mark-next-changeset-ran ${changelog}`],
  'clear-checksums': [`sluice clear-checksums ${target}`],
  'execute-sql': [`sluice execute-sql --sql "select count(*) from person" ${target}`],
  'release-locks': [`sluice release-locks ${target}`],
  journal: [
    `sluice journal ${target}`,
    `sluice journal --change-set db/changelog.yaml::12::amy --resolve done ${target}`,
  ],
  status: [`sluice status ${changelog}`, `sluice status --format json ${changelog}`],
  validate: [`sluice validate ${changelog}`],
  history: [`sluice history --format text ${target}`],
  'update-sql': [`sluice update-sql ${changelog} --output-file release.sql`, `sluice update-sql --plan ${changelog}`],
  'update-count-sql': [`sluice update-count-sql 1 ${changelog}`],
  'update-to-tag-sql': [`sluice update-to-tag-sql v1.4 ${changelog}`],
  'rollback-sql': [`sluice rollback-sql v1.3 ${changelog}`],
  'rollback-count-sql': [`sluice rollback-count-sql 2 ${changelog}`],
  'rollback-to-date-sql': [`sluice rollback-to-date-sql 2026-11-20 ${changelog}`],
  'future-rollback-sql': [`sluice future-rollback-sql ${changelog}`],
  'future-rollback-count-sql': [`sluice future-rollback-count-sql 1 ${changelog}`],
  'future-rollback-from-tag-sql': [`sluice future-rollback-from-tag-sql v1.4 ${changelog}`],
  'changelog-sync-sql': [`sluice changelog-sync-sql ${changelog}`],
  'changelog-sync-to-tag-sql': [`sluice changelog-sync-to-tag-sql v1.0 ${changelog}`],
  'mark-next-changeset-ran-sql': [`sluice mark-next-changeset-ran-sql ${changelog}`],
  'unexpected-changesets': [`sluice unexpected-changesets --verbose ${changelog}`],
  'tag-exists': [`sluice tag-exists v1.4 ${target}`],
  'list-locks': [`sluice list-locks ${target}`],
  'calculate-checksum': [`sluice calculate-checksum db/changelog.yaml::12::amy ${changelog}`],
}

/** Empty for a command that has none. */
export function examplesOf(command: string): readonly string[] {
  return examples[command] ?? []
}
