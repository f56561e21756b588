// A forward proxy as companies have one: takes CONNECT only, knows names that nobody else does (all of *.test are this machine),
// and says on standard output what it was asked for. Its port is its first line.
import { createServer } from 'node:http'
import { connect } from 'node:net'

const server = createServer((_request, response) => response.writeHead(405).end())
server.on('connect', (request, client, head) => {
  console.log(`CONNECT ${request.url}`)
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(request.url ?? '') ?? []
  const target = connect(Number(port), host.endsWith('.test') ? '127.0.0.1' : host, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length > 0) target.write(head)
    client.pipe(target).pipe(client)
  })
  const end = () => {
    client.destroy()
    target.destroy()
  }
  target.on('error', end)
  client.on('error', end)
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
