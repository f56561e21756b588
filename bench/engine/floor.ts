// The least that a command in Node can take: the driver imported, one connection, one query. `floor.js <url>`
const [url = ''] = process.argv.slice(2)
if (url.startsWith('postgresql:')) {
  const { default: pg } = await import('pg')
  const client = new pg.Client(url)
  await client.connect()
  await client.query('select 1')
  await client.end()
} else {
  const name = 'mysql2/promise'
  const mysql = (await import(name)) as {
    createConnection(url: string): Promise<{ query(sql: string): Promise<unknown>; end(): Promise<void> }>
  }
  const connection = await mysql.createConnection(url)
  await connection.query('select 1')
  await connection.end()
}
