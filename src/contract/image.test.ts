// Which image a step gets, and under which name it is pulled from a registry of one's own.
import { describe, expect, test } from 'vitest'
import {
  databaseImageFields,
  defaultDatabaseImages,
  defaultHelperImages,
  imageForStep,
  imageReferenceSchema,
  inRegistry,
  isOwnImage,
} from './image.ts'

/** Each field is its own image, so that the choice shows. */
const images = Object.fromEntries(databaseImageFields.map((field) => [field, field]))

describe('the image of a step', () => {
  test.each([
    ['jdbc:postgresql://db:5432/shop', 'defaultTag'],
    ['jdbc:mariadb://db/shop', 'defaultTag'],
    ['jdbc:oracle:thin:@db:1521/x', 'oracleTag'],
    ['jdbc:aws-wrapper:postgresql://db/shop?wrapperPlugins=iam', 'rdsTag'],
    ['jdbc:postgresql:///shop?cloudSqlInstance=p:r:i&socketFactory=x', 'cloudSqlTag'],
    ['mongodb+srv://db/shop', 'mongoTag'],
    ['jdbc:cloudspanner:/projects/p/instances/i/databases/d', 'spannerTag'],
    ['jdbc:snowflake://x', 'snowflakeTag'],
    ['jdbc:bigquery://x', 'bigQueryTag'],
    ['bigtable:p/i', 'bigtableTag'],
    ['jdbc:db2://x', 'db2Tag'],
    ['jdbc:db2z://x', 'db2Tag'],
  ])('%s gets %s', (url, field) => {
    expect(imageForStep(images, { url, migrationType: 'Liquibase' })).toBe(field)
  })

  test.each([
    ['jdbc:postgresql://db/shop', 'flywayDefaultTag'],
    ['mongodb://db/shop', 'flywayMongoTag'],
    ['jdbc:cloudspanner:/projects/p', 'flywaySpannerTag'],
    ['jdbc:cloudspanner:/projects/p?dialect=POSTGRESQL', 'flywaySpannerPsqlTag'],
  ])('for Flyway %s gets %s', (url, field) => {
    expect(imageForStep(images, { url, migrationType: 'Flyway' })).toBe(field)
  })

  test('is that of the delegate where nobody set one', () => {
    expect(imageForStep({ oracleTag: 'o:1' }, { url: 'jdbc:mariadb://db', migrationType: 'Liquibase' })).toBeUndefined()
  })
  test.each([
    ['sluice/step:1', true],
    ['registry.example.com:5000/mirror/sluice/step-mongo:1.2@sha256:' + '0'.repeat(64), true],
    ['plugins/drone-liquibase:1.18.0-4.33', false],
    ['registry.example.com/notsluice/step:1', false],
    ['sluice', false],
  ])('%s is our own: %s', (image, own) => expect(isOwnImage(image)).toBe(own))

  test('Percona where it is wanted; the image of the step goes before all', () => {
    const choice = { url: 'jdbc:mysql://db/shop', migrationType: 'Liquibase', usePercona: true } as const
    expect(imageForStep(images, choice)).toBe('perconaTag')
    expect(imageForStep(images, { ...choice, stepImage: 'mine:1' })).toBe('mine:1')
  })
})

describe('references of images', () => {
  test.each([
    'postgres',
    'plugins/drone-liquibase:1.30.0-4.33-mongo',
    'registry.example.com:5000/team/step:1.2',
    '127.0.0.1:5000/team/step',
    `r.example.com/a/b@sha256:${'0'.repeat(64)}`,
    'harness/drone-git:1.7.16-rootless',
  ])('%s is one', (image) => expect(imageReferenceSchema.safeParse(image).success).toBe(true))

  test.each([
    '',
    'https://r.example.com/a',
    'a b',
    'A/B',
    'a:',
    'a@sha256:12',
    'a:tag:tag',
    '../a',
    `a${'b'.repeat(600)}`,
  ])('%j is none', (image) => expect(imageReferenceSchema.safeParse(image).success).toBe(false))

  test('every default is one', () => {
    for (const image of [
      ...Object.values(defaultDatabaseImages('0.1.0')),
      ...Object.values(defaultHelperImages('0.1.0')),
    ])
      expect(imageReferenceSchema.parse(image)).toBe(image)
  })

  test.each([
    ['sluice/step:1', 'https://registry.example.com:5000/mirror/', 'registry.example.com:5000/mirror/sluice/step:1'],
    ['sluice/step:1', 'https://registry.example.com/v2/', 'registry.example.com/sluice/step:1'],
    ['other.example.com/step:1', 'https://registry.example.com', 'other.example.com/step:1'],
    ['localhost/step:1', 'registry.example.com', 'localhost/step:1'],
    ['sluice/step:1', 'https://index.docker.io/v1/', 'sluice/step:1'],
    ['step:1', 'registry.example.com', 'registry.example.com/step:1'],
  ])('%s by %s is %s', (image, registry, expected) => expect(inRegistry(image, registry)).toBe(expected))
})
