// Stories of the change types for rows, SQL of the user and what touches no database.
import { type Case, column, rows, table, tables } from './case.ts'

const everywhere = ['sqlite', 'postgresql', 'mysql', 'mariadb']

export const dataCases: readonly Case[] = [
  { title: 'insert', setup: tables, apply: rows, reverse: [{ delete: table }] },
  {
    title: 'update',
    setup: [...tables, ...rows],
    apply: [
      {
        update: {
          ...table,
          columns: [
            column('email', '', { value: 'ada@example.org' }),
            column('points', '', { valueComputed: 'points + 5' }),
          ],
          where: ':name = :value',
          whereParams: [{ param: { name: 'id', valueNumeric: '2' } }],
        },
      },
    ],
    reverse: [
      {
        update: {
          ...table,
          columns: [column('email', '', { value: 'NULL' }), column('points', '', { valueNumeric: '0' })],
          where: 'id = 2',
        },
      },
    ],
  },
  {
    title: 'delete',
    setup: [...tables, ...rows],
    apply: [{ delete: { ...table, where: "name = 'Ada'" } }],
    reverse: rows.slice(1),
  },
  {
    title: 'loadData',
    setup: tables,
    apply: [
      {
        loadData: {
          ...table,
          file: 'data/customer.csv',
          columns: [
            column('id', 'NUMERIC'),
            column('name', 'STRING'),
            column('points', 'NUMERIC'),
            column('email', 'STRING'),
          ],
        },
      },
    ],
    reverse: [{ delete: table }],
    files: { 'data/customer.csv': 'id,name,email,points\n# nobody\n1,"O\'Hara, Grace",g@example.org,5\n2,Ada,NULL,\n' },
  },
  {
    title: 'loadUpdateData',
    setup: [...tables, ...rows.slice(0, 1)],
    apply: [
      {
        loadUpdateData: {
          ...table,
          file: 'more.csv',
          primaryKey: 'id',
          columns: [column('id', 'NUMERIC'), column('points', 'NUMERIC')],
        },
      },
    ],
    reverse: [{ delete: table }, ...rows.slice(0, 1)],
    files: { 'more.csv': 'id;name;points\n1;Grace;9\n3;Linus;1\n'.replaceAll(';', ',') },
  },
  {
    title: 'sql',
    setup: tables,
    apply: [{ sql: 'create table one (a int); -- comment; with a delimiter\ncreate table two (b int);' }],
    reverse: [{ sql: { sql: 'drop table two; drop table one', splitStatements: 'true' } }],
  },
  {
    title: 'sql that is not split',
    apply: [{ sql: { sql: 'create table one (a int); create table two (b int);', splitStatements: 'false' } }],
    reverse: [{ sql: 'drop table two; drop table one' }],
  },
  {
    title: 'sqlFile',
    setup: tables,
    apply: [{ sqlFile: { path: 'sql/three.sql' } }],
    reverse: [{ sql: 'drop table three' }],
    files: { 'sql/three.sql': 'create table three (a int);\ninsert into three (a) values (3);\n' },
  },
  { title: 'empty', apply: [{ empty: null }], reverse: 'automatic', nothingOn: everywhere },
  {
    title: 'output',
    apply: [{ output: { message: 'hello' } }],
    reverse: 'automatic',
    nothingOn: everywhere,
  },
  { title: 'stop', apply: [{ stop: null }], reverse: 'automatic', nothingOn: everywhere },
  {
    title: 'tagDatabase',
    apply: [{ tagDatabase: { tag: 'v1' } }],
    reverse: 'automatic',
    nothingOn: everywhere,
  },
]
