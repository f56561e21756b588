// Examples of commands, for --help and docs/reference/commands.md.

type Examples = Readonly<Record<string, readonly string[]>>

/** Of commands that talk to a manager. */
const remote: Examples = {
  run: [
    'sluice run release_shop --project shop --wait',
    'sluice run release_shop --project shop --input-set production --input variables.ticket.value=OPS-12 --wait',
  ],
  connector: ['sluice connector test shop_prod --project shop'],
  instance: [
    'sluice instance preview shop prod --project shop --branch main',
    'sluice instance diff shop prod --project shop --against staging',
    'sluice instance sync shop prod --project shop',
  ],
  give: ['sluice give 01jd0c5m7x --project shop --node prod.apply --input spec.tag=v1'],
  retry: ['sluice retry 01jd0c5m7x --project shop --wait', 'sluice retry 01jd0c5m7x --project shop --stage staging'],
}

/** Of commands of the engine. */
const engine: Examples = {
  init: ['sluice init project --project-dir db --format yaml --url jdbc:sqlite:shop.db'],
  update: [
    'sluice update --contexts prod',
    'sluice update --changelog-file db/changelog.yaml --url jdbc:postgresql://db:5432/shop --username shop',
    'sluice update --plan 3f2a…   # only if it is still the plan that update-sql showed',
  ],
  'update-count': ['sluice update-count 1'],
  'update-to-tag': ['sluice update-to-tag v1.4'],
  'update-testing-rollback': ['sluice update-testing-rollback'],
  rollback: ['sluice rollback v1.3'],
  'rollback-count': ['sluice rollback-count 2'],
  'rollback-to-date': ['sluice rollback-to-date 2026-11-20T18:00:00'],
  tag: ['sluice tag v1.4'],
  'changelog-sync': ['sluice changelog-sync'],
  'changelog-sync-to-tag': ['sluice changelog-sync-to-tag v1.0'],
  'mark-next-changeset-ran': ['sluice mark-next-changeset-ran'],
  'clear-checksums': ['sluice clear-checksums'],
  'execute-sql': ['sluice execute-sql --sql "select count(*) from person"'],
  'release-locks': ['sluice release-locks'],
  journal: ['sluice journal', 'sluice journal --change-set db/changelog.yaml::12::amy --resolve done'],
  status: ['sluice status', 'sluice status --format json'],
  validate: ['sluice validate'],
  history: ['sluice history --format text'],
  'update-sql': ['sluice update-sql --output-file release.sql', 'sluice update-sql --plan'],
  'update-count-sql': ['sluice update-count-sql 1'],
  'update-to-tag-sql': ['sluice update-to-tag-sql v1.4'],
  'rollback-sql': ['sluice rollback-sql v1.3'],
  'rollback-count-sql': ['sluice rollback-count-sql 2'],
  'rollback-to-date-sql': ['sluice rollback-to-date-sql 2026-11-20'],
  'future-rollback-sql': ['sluice future-rollback-sql'],
  'future-rollback-count-sql': ['sluice future-rollback-count-sql 1'],
  'future-rollback-from-tag-sql': ['sluice future-rollback-from-tag-sql v1.4'],
  'changelog-sync-sql': ['sluice changelog-sync-sql'],
  'changelog-sync-to-tag-sql': ['sluice changelog-sync-to-tag-sql v1.0'],
  'mark-next-changeset-ran-sql': ['sluice mark-next-changeset-ran-sql'],
  'unexpected-changesets': ['sluice unexpected-changesets --verbose'],
  'tag-exists': ['sluice tag-exists v1.4'],
  'list-locks': ['sluice list-locks'],
  snapshot: ['sluice snapshot --snapshot-format json --output-file shop.json'],
  'snapshot-reference': ['sluice snapshot-reference --snapshot-format json'],
  diff: [
    'sluice diff --reference-url jdbc:postgresql://test:5432/shop --reference-username shop',
    'sluice diff --reference-url "offline:postgresql?snapshot=shop.json"   # an earlier snapshot',
  ],
  'diff-changelog': ['sluice diff-changelog --changelog-file db/changelog.yaml'],
  'generate-changelog': ['sluice generate-changelog --changelog-file db/changelog.yaml'],
  'db-doc': ['sluice db-doc --output-directory doc'],
  'drop-all': ['sluice drop-all --force'],
  'calculate-checksum': ['sluice calculate-checksum db/changelog.yaml::12::amy'],
}

/** Empty for a command that has none. */
export function examplesOf(command: string): readonly string[] {
  return remote[command] ?? engine[command] ?? []
}

/** Says what the examples of a command leave out. */
export const exampleTitle = (command: string): string =>
  command in remote
    ? 'Examples, with SLUICE_MANAGER_URL and SLUICE_API_KEY set:'
    : 'Examples, with url, username and changelog-file in liquibase.properties:'
