// Answers like a PostgreSQL server with an empty database, for the build alone: so that the code which talks to one has run once.
// What it is asked for is not done; every statement "succeeds" and no query finds anything but who and where we are.
import { createServer } from 'node:net'

const identity = { user_name: 'build', schema_name: 'public', database_name: 'build', version: '15.0', backend: '1' }

function message(type, ...parts) {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
const int16 = (value) => Buffer.from([value >> 8, value & 255])
const int32 = (value) => Buffer.from([value >> 24, value >> 16, value >> 8, value].map((byte) => byte & 255))
const text = (value) => Buffer.from(`${value}\0`)
const ready = message('Z', Buffer.from('I'))

/** One row with these columns, as text of the given type. */
function row(cells, type = 25) {
  const columns = Object.keys(cells).map((name) =>
    Buffer.concat([text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]),
  )
  const values = Object.values(cells).map((value) => Buffer.concat([int32(value.length), Buffer.from(value)]))
  return [
    message('T', int16(columns.length), ...columns),
    message('D', int16(values.length), ...values),
    message('C', text('SELECT 1')),
  ]
}

function answer(sql) {
  if (sql.includes('pg_backend_pid')) return row(identity)
  if (sql.includes('pg_try_advisory_lock')) return row({ locked: 't' }, 16)
  return [message('C', text(sql.startsWith('UPDATE') ? 'UPDATE 1' : sql.startsWith('select') ? 'SELECT 0' : 'OK'))]
}

function replyTo(type, body) {
  if (type === 'Q') return [...answer(body.toString('utf8', 0, body.length - 1)), ready]
  if (type === 'P') return [message('1'), message('2'), ...answer(body.toString('utf8', body.indexOf(0) + 1))]
  return type === 'S' ? [ready] : []
}

function serve(socket) {
  let rest = Buffer.alloc(0)
  let started = false
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data])
    for (;;) {
      const head = started ? 1 : 0
      if (rest.length < head + 4 || rest.length < head + rest.readInt32BE(head)) return
      const end = head + rest.readInt32BE(head)
      const body = rest.subarray(head + 4, end)
      const type = String.fromCharCode(rest[0])
      rest = rest.subarray(end)
      if (started) socket.write(Buffer.concat(replyTo(type, body)))
      // Encryption is offered and declined.
      else if (body.length === 4) socket.write('N')
      else {
        started = true
        socket.write(Buffer.concat([message('R', int32(0)), message('K', int32(1), int32(1)), ready]))
      }
    }
  })
  socket.on('error', () => {})
}

/** Its port on this machine, and how to stop it. */
export async function startServer() {
  const server = createServer(serve)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: server.address().port, stop: () => server.close() }
}
