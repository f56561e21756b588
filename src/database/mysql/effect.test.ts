import { describe, expect, test } from 'vitest'
import { definedBy, isCovered } from './effect.ts'

describe('covered by a transaction', () => {
  test.each([
    'insert into t values (1)',
    "-- why\n/* and what */ UPDATE t SET a = 'x; y' WHERE b = 'it''s \\' ;'",
    'with x as (select 1) select * from x',
    'delete from t;',
    'set @old = (select max(id) from t)',
    'SET FOREIGN_KEY_CHECKS = 0',
    'set names utf8mb4',
  ])('%s', (sql) => {
    expect(isCovered(sql)).toBe(true)
  })
  test.each([
    'create table t (a int)',
    'set autocommit = 1',
    'set global sql_mode = 0',
    'set password = 0',
    'call p()',
    'truncate table t',
    "load data infile 'x' into table t",
    'insert into t values (1); create table u (a int)',
    'insert into t values (1) /*! ; drop table u */',
    "select 1 into outfile '/tmp/x'",
    'lock tables t write',
    'commit',
    '--1 insert into t values (1)',
  ])('not: %s', (sql) => {
    expect(isCovered(sql)).toBe(false)
  })
})

describe('the definition tells', () => {
  const t = { kind: 'table', schemaName: undefined, name: 't' }
  test.each([
    ['create table t (a int)', t],
    ['CREATE TABLE IF NOT EXISTS `my``shop`.`t x` (a int)', { kind: 'table', schemaName: 'my`shop', name: 't x' }],
    ['-- c\nalter table s . t add a int, drop b', { ...t, schemaName: 's' }],
    ['drop table if exists t', t],
    ['rename table t to u', t],
    ['create or replace view t as select 1', t],
    ['create algorithm=merge definer=`a`@`%` sql security invoker view t as select 1', t],
    ['create unique index `order` on t (a)', t],
    ['create index ix using btree on s.t (a)', { ...t, schemaName: 's' }],
    ['drop index ix on t', t],
    ['alter sequence t increment by 2', t],
    ['create procedure p() begin select 1; select 2; end', { kind: 'procedure', schemaName: undefined, name: 'p' }],
    [
      'create definer = root@localhost trigger s.tr before insert on t for each row set new.a = 1',
      { kind: 'trigger', schemaName: 's', name: 'tr' },
    ],
    ['drop function if exists größe', { kind: 'function', schemaName: undefined, name: 'größe' }],
  ])('%s', (sql, object) => {
    expect(definedBy(sql)).toEqual(object)
  })
  test.each([
    'drop table a, b',
    'rename table a to b, c to d',
    'alter table t exchange partition p with table u',
    'truncate table t',
    'alter sequence s restart with 5',
    'create or replace table t (a int)',
    'create table t (a int); create table u (a int)',
    'create table t (a int) /*!50100 partition by key (a) */',
    'grant select on t to u',
    'create user u',
    'call p()',
  ])('does not tell: %s', (sql) => {
    expect(definedBy(sql)).toBeUndefined()
  })
})
