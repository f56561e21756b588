// Which databases SQL can be written for: their short names alone, without what it takes to write it.

export const dialectNames = ['postgresql', 'mysql', 'mariadb', 'sqlite', 'mssql', 'oracle'] as const

export type DialectName = (typeof dialectNames)[number]
