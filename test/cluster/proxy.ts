// A proxy in front of the manager that cuts every connection after a while, as proxies of companies do.
import { connect, createServer, type Socket } from 'node:net'
import { address } from './cluster.ts'
import { ports } from './server.ts'

export interface Proxy {
  readonly url: string
  /** Connections that it cut. */
  readonly cuts: number
  stop(): void
}

export async function startProxy(seconds: number): Promise<Proxy> {
  let cuts = 0
  const sockets = new Set<Socket>()
  const server = createServer((inward) => {
    const outward = connect(ports.manager, address)
    const timer = setTimeout(() => {
      cuts++
      inward.destroy()
      outward.destroy()
    }, seconds * 1000)
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        clearTimeout(timer)
        to.destroy()
      })
    }
  })
  await new Promise<void>((done) => server.listen(ports.proxy, address, done))
  return {
    url: `http://${address}:${ports.proxy}`,
    get cuts() {
      return cuts
    },
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
