// A real OpenID Connect provider as a process of its own: prints its address, ends with its parent. Accounts are what they claim.
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const accounts = JSON.parse(process.argv[2])
const redirect = process.argv[3]
const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'sluice',
        client_secret: 'a secret of the client',
        redirect_uris: [redirect],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    pkce: { required: () => true },
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
    cookies: { keys: ['only for tests'] },
  })
  server.on('request', provider.callback())
  console.log(issuer)
})
process.stdin.on('close', () => process.exit(0)).resume()
