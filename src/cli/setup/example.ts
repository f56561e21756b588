// The texts that `sluice init project` writes: a small changelog in each format, and a settings file.

export const changelogForms = ['sql', 'xml', 'yaml', 'json'] as const
export type ChangelogForm = (typeof changelogForms)[number]

export function exampleChangelog(form: ChangelogForm): string {
  return { sql, xml, yaml, json }[form]
}

const sql = `-- liquibase formatted sql

-- changeset you:create-person
create table person (
  id int not null primary key,
  name varchar(50) not null
);
-- rollback drop table person;

-- changeset you:add-country
alter table person add column country varchar(2);
-- rollback alter table person drop column country;
`

const xml = `<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
                   xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                   xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
  <changeSet id="create-person" author="you">
    <createTable tableName="person">
      <column name="id" type="int">
        <constraints primaryKey="true" nullable="false"/>
      </column>
      <column name="name" type="varchar(50)">
        <constraints nullable="false"/>
      </column>
    </createTable>
  </changeSet>
  <changeSet id="add-country" author="you">
    <addColumn tableName="person">
      <column name="country" type="varchar(2)"/>
    </addColumn>
  </changeSet>
</databaseChangeLog>
`

const yaml = `databaseChangeLog:
  - changeSet:
      id: create-person
      author: you
      changes:
        - createTable:
            tableName: person
            columns:
              - column: { name: id, type: int, constraints: { primaryKey: true, nullable: false } }
              - column: { name: name, type: varchar(50), constraints: { nullable: false } }
  - changeSet:
      id: add-country
      author: you
      changes:
        - addColumn:
            tableName: person
            columns:
              - column: { name: country, type: varchar(2) }
`

const json = `${JSON.stringify(
  {
    databaseChangeLog: [
      {
        changeSet: {
          id: 'create-person',
          author: 'you',
          changes: [
            {
              createTable: {
                tableName: 'person',
                columns: [
                  { column: { name: 'id', type: 'int', constraints: { primaryKey: true, nullable: false } } },
                  { column: { name: 'name', type: 'varchar(50)', constraints: { nullable: false } } },
                ],
              },
            },
          ],
        },
      },
      {
        changeSet: {
          id: 'add-country',
          author: 'you',
          changes: [
            { addColumn: { tableName: 'person', columns: [{ column: { name: 'country', type: 'varchar(2)' } }] } },
          ],
        },
      },
    ],
  },
  null,
  2,
)}
`

export interface ExampleSettings {
  readonly changelogFile: string
  readonly url: string
  readonly username: string | undefined
  readonly password: string | undefined
}

export function exampleSettings({ changelogFile, url, username, password }: ExampleSettings): string {
  return `# Settings of this project. Flags and LIQUIBASE_COMMAND_… variables win over them.
changelog-file: ${escape(changelogFile)}
url: ${escape(url)}
${username === undefined ? '# username: shop' : `username: ${escape(username)}`}
${password === undefined ? '# The password is best left to SLUICE_PASSWORD or --password-file.' : `password: ${escape(password)}`}
`
}

/** A backslash would begin an escape. */
const escape = (text: string): string => text.replaceAll('\\', '\\\\')
