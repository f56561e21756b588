// The page of all settings, made from the table that the command line works with.
import { type SettingEntry, settingTable } from '#cli/target/setting-table'

const header =
  '<!-- Generated from src/cli/target/setting-table.ts; `SLUICE_WRITE_REFERENCE=1 npx vitest run test/rule/reference` writes it anew. -->\n'

export function settingPage(): string {
  const having = (effect: SettingEntry['effect']): readonly SettingEntry[] =>
    settingTable.filter((entry) => entry.effect === effect)
  return `${header}
# Settings

Every setting has one name and five places where it can stand. A place wins over those below it:

1. a flag: \`--changelog-file c.yaml\`, \`--changelog-file=c.yaml\`, also in camel case; global ones also before the command
2. a property of the command line: \`-Dliquibase.command.contexts=test\`
3. the environment: \`LIQUIBASE_COMMAND_UPDATE_CONTEXTS\` for one command, \`LIQUIBASE_COMMAND_CONTEXTS\`, \`LIQUIBASE_CONTEXTS\`
4. \`liquibase.local.properties\` beside the defaults file
5. the defaults file, \`liquibase.properties\` of the working directory or \`--defaults-file\`: \`liquibase.command.update.contexts\`,
   \`liquibase.command.contexts\`, \`liquibase.contexts\`, \`contexts\`; the more specific key wins

\`parameter.name=value\` in the defaults file is a changelog property, as \`-Dname=value\` is. A key that nothing reads and a variable
\`LIQUIBASE_…\` that is none are named in the log, with the one that is probably meant; \`strict=true\` makes such a key an error. Java system properties (\`JAVA_OPTS\`) are not read.

## What works

${table(having('works'))}

## Accepted, without meaning

A flag or key of these is named once in the log and changes nothing. The same holds for all keys of the commercial engine:
\`liquibase.hub.…\`, \`liquibase.pro.…\`, \`liquibase.reports.…\`, \`liquibase.psql.…\`, \`liquibase.sqlplus.…\`, \`liquibase.sqlcmd.…\`.

${table(having('no-meaning'))}

## Refused

Going on would give another result than was asked for, so any other value than the usual one ends the command before it begins.

${table(having('refused'))}
`
}

function table(entries: readonly SettingEntry[]): string {
  const rows = entries.map(({ name, scope, preset, summary }) => {
    const shown =
      preset === undefined ? '' : /^[A-Z\d]|^true$|^false$|^[;.]$|\.properties$/.test(preset) ? `\`${preset}\`` : preset
    return `| \`${name}\` | ${scope} | ${shown} | ${summary.replaceAll('|', '\\|').replaceAll(/(\$\{[^}]*\})/g, '`$1`')} |`
  })
  return ['| setting | for | when not set | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
