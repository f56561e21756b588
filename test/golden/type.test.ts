// Data types in the words of each database, names in its quotes, as recorded.
import { afterAll, expect, test } from 'vitest'
import { typeText as postgresType } from '#database/postgres/type'
import { typeText as sqliteType } from '#database/sqlite/type'
import { isRecording, readGolden, writeGolden } from './golden.ts'

const types =
  `boolean bit bit(1) bit|varying(5) tinyint tinyint(1) smallint mediumint int int(11) integer int|unsigned bigint
bigint(20) serial bigserial decimal decimal(10,2) numeric number(10,2) number(*,0) float(24) real double double(10,2)
double|precision money char(10) nchar(4) varchar(50) varchar(50|char) varchar2(50) nvarchar(max) character|varying(30) text
longtext clob nclob blob longblob binary(16) varbinary(20) bytea date time time(3) time|with|time|zone timetz datetime datetime(6)
datetime2(7) smalldatetime timestamp timestamp(3) timestamp|with|time|zone timestamp(3)|with|time|zone timestamptz uuid xml json
jsonb enum('a','b') int[] text[][] varchar(10)|CHARACTER|SET|utf8 java.sql.Types.VARCHAR(20) java.sql.Types.TIMESTAMP inet mood(3)`
    .split(/\s+/)
    .map((type) => type.replaceAll('|', ' '))

const result = Object.fromEntries(types.map((type) => [type, [postgresType(type), sqliteType(type)]]))

test('types', () => {
  if (!isRecording) expect(result).toEqual(readGolden<readonly string[]>('type'))
})

afterAll(() => {
  if (isRecording) writeGolden('type', result)
})
