import { describe, expect, test } from 'vitest'
import { endOfBlock, innerDirective, isHeader, lookalike, outerDirective } from './formatted-sql-line.ts'

// Which lines are directives, which are refused and which are SQL: recorded from Liquibase 4.33.0.
describe('lines of formatted SQL', () => {
  test.each([
    ['--liquibase formatted sql', true],
    ['  -- LIQUIBASE  FORMATTED SQL logicalFilePath:x', true],
    ['--liquibaseformatted', true],
    ['-liquibase formatted sql', false],
    ['--liquibase formated sql', false],
    ['/* --liquibase formatted sql', false],
  ])('%j is a header: %s', (line, expected) => {
    expect(isHeader(line)).toBe(expected)
  })

  test.each([
    ['--changeset bob:1', 'bob', '1', ''],
    ['  -- ChangeSet "bob smith":"id with space" x', 'bob smith', 'id with space', ' x'],
    ['--changeset bob :1', 'bob ', '1', ''],
    ['--changeset bob:1:2', 'bob', '1:2', ''],
    ['--changeset "b:c":d', 'b:c', 'd', ''],
    ['--changeset bob:"a:b" runAlways:true', 'bob', 'a:b', ' runAlways:true'],
    ['--changeset bob:"1"x', 'bob', '1', 'x'],
    ['--changeset bob:"a', 'bob', '"a', ''],
    ['--changeset bob:""', 'bob', '', ''],
    ['--changeset bob:1,runAlways:true', 'bob', '1,runAlways:true', ''],
  ])('%j', (line, author, id, rest) => {
    expect(outerDirective(line)).toEqual({ kind: 'change-set', author, id, rest })
  })

  test.each([
    '--changeset bob: 1',
    '--changeset bob',
    '--changeset',
    '  --changeset',
    '--changeset :1',
    '--changesets a:b',
    '--changesetbob:1',
    '-- changeset: a:b',
    '- changeset a:b',
    '--property name=a value=b',
    '-- property x',
    '--property name:x',
    '-property name:a value:b',
    '--ignore:1',
    '-ignoreLines:1',
  ])('%j is refused wherever it stands', (line) => {
    expect(outerDirective(line)).toMatchObject({ kind: 'malformed' })
  })

  test.each([
    '  -changeset a:b',
    '-changeset',
    '--change set a:b',
    '--property',
    '--properties name:a value:b',
    '--ignoreLines',
    '--ignoreLines: 1',
    '-- ignoreLines:1 x',
    '  --ignoreLines:1',
    '--ignore lines',
    'select 1',
  ])('%j is nothing of the kind', (line) => {
    expect(outerDirective(line)).toBeUndefined()
  })

  test.each([
    ['--property name:x value:y', { kind: 'property' }],
    ['--property foo:a bar:b', { kind: 'property' }],
    ['--ignoreLines:3', { kind: 'ignore', amount: '3' }],
    ['-- ignorelines:START', { kind: 'ignore', amount: 'START' }],
  ])('%j', (line, expected) => {
    expect(outerDirective(line)).toEqual(expected)
  })

  test.each([
    ['--comment: ', { kind: 'comment', text: '' }],
    ['-- comment x', { kind: 'comment', text: 'x' }],
    ['--Comment: x', { kind: 'comment', text: 'x' }],
    ['--validchecksum x', { kind: 'check-sum', text: 'x' }],
    ['--rollback ', { kind: 'rollback', text: '' }],
    ['  -- rollback  x', { kind: 'rollback', text: ' x' }],
    ['  /*liquibase rollback', { kind: 'rollback-block' }],
    ['-- preconditions', { kind: 'preconditions', text: '' }],
    ['--preconditions onFail:HALT', { kind: 'preconditions', text: ' onFail:HALT' }],
    ['--precondition-sql-check 1 x', { kind: 'precondition', name: 'sql-check', text: '1 x' }],
  ])('%j inside a change set', (line, expected) => {
    expect(innerDirective(line)).toEqual(expected)
  })

  test.each([
    '- comment x',
    '--comments x',
    '- rollback x',
    '  -rollback x',
    '-validCheckSum: x',
    '-precondition-sql-check x',
    '- precondition-sql-check',
    '-preconditions',
    '--precondition-sql-check',
    '-- precondition-table-exists',
  ])('%j is refused inside a change set', (line) => {
    expect(innerDirective(line)).toMatchObject({ kind: 'malformed' })
  })

  test.each([
    '-comment',
    '  -comment x',
    '--comment',
    '--comment:x',
    '  --comments x',
    '--commentary on x',
    '---comment x',
    '-rollback',
    '--rollback',
    '--rollback:x',
    '--rollbackx',
    '---rollback x',
    '--validCheckSum:x',
    '  --validCheckSum x',
    '--precondition onFail:HALT',
    '/* liquibase rollback */',
    '/* liquibase rollback x',
    '--include file:x',
    'select 1 -- rollback x',
  ])('%j is SQL inside a change set', (line) => {
    expect(innerDirective(line)).toBeUndefined()
  })

  test.each([
    ['--changset a:b', '--changeset AUTHOR:ID'],
    ['--change set a:b', '--changeset AUTHOR:ID'],
    ['  -changeset a:b', '--changeset AUTHOR:ID'],
    ['--rollback', '--rollback SQL'],
    ['--rollbacks drop x', '--rollback SQL'],
    ['--validCheckSum:x', '--validCheckSum SUM at the very start of the line'],
    ['  --comment x', '--comment TEXT at the very start'],
    ['--precondition onFail:HALT', '--preconditions onFail:… or --precondition-sql-check …'],
    ['--coment x', '--comment TEXT'],
    ['-- proprety name:a value:b', '--property name:NAME value:VALUE'],
    ['--preconditons onFail:HALT', '--preconditions onFail:…'],
    ['/* liquibase rollbck', '/* liquibase rollback on a line of its own, the SQL below it, and */ at the end'],
  ])('%j looks like %s', (line, expected) => {
    expect(lookalike(line)).toBe(expected)
  })

  test.each([
    '-- change the price',
    '-- comment on this',
    '-- properties of the user',
    '--commit;',
    '--changes of the release',
    '-- changes made: none',
    '--content',
    '-- Comments by: me',
    '-- content: all',
    '/* rollback of this */',
    '/* liquibase changes */',
    '--- rollback',
    '-- changes to a:b',
    '-- the rollback is below',
    'select a -- rollback',
  ])('%j is an ordinary comment', (line) => {
    expect(lookalike(line)).toBeUndefined()
  })

  test('the end of a rollback block keeps what stands before it', () => {
    expect(endOfBlock('*/')).toBe('')
    expect(endOfBlock(' drop x; */  ')).toBe(' drop x; ')
    expect(endOfBlock('*/ x')).toBeUndefined()
  })
})
