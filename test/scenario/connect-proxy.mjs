// A forward proxy as companies have one: wants a password, tunnels to HTTPS and asks for plain HTTP itself, knows names that nobody
// else does (all of *.test are this machine), and says on standard output what it was asked for. Its port is its first line.
import { createServer, request as forward } from 'node:http'
import { connect } from 'node:net'

const wanted = `Basic ${Buffer.from('closed:p@ss').toString('base64')}`
const isKnown = ({ headers }) => headers['proxy-authorization'] === wanted
const addressOf = (host) => (host.endsWith('.test') ? '127.0.0.1' : host)
const refusal = 'Proxy-Authenticate: Basic realm="proxy"\r\nConnection: close\r\n\r\n'

const server = createServer((incoming, outgoing) => {
  if (!isKnown(incoming)) {
    outgoing.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end()
    return
  }
  console.log(`${incoming.method} ${incoming.url}`)
  const { hostname, port, pathname, search } = new URL(incoming.url)
  const { 'proxy-authorization': _, ...headers } = incoming.headers
  const options = {
    host: addressOf(hostname),
    port: port || 80,
    path: pathname + search,
    method: incoming.method,
    headers,
  }
  const sent = forward(options, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers)
    answer.pipe(outgoing)
  })
  sent.on('error', () => outgoing.destroy())
  incoming.pipe(sent)
})
server.on('connect', (request, client, head) => {
  if (!isKnown(request)) {
    client.end(`HTTP/1.1 407 Proxy Authentication Required\r\n${refusal}`)
    return
  }
  console.log(`CONNECT ${request.url}`)
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(request.url ?? '') ?? []
  const target = connect(Number(port), addressOf(host), () => {
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
