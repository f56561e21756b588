// Keeps the driver from signing in without encryption when the URL asks for it: it would go on in clear text with a server, or
// somebody in between, that says it has none.
import { connect, type Socket } from 'node:net'
import { Fault } from '#contract/fault'

/** Option ENCRYPTION of a PRELOGIN answer (MS-TDS 2.2.6.5): 1 on, 3 required. Undefined when the packet is not one. */
export function encryptionOf(packet: Buffer): number | undefined {
  if (packet.length < 9 || packet.readUInt8(0) !== 0x04) return undefined
  const payload = packet.subarray(8)
  for (let at = 0; at + 5 <= payload.length && payload.readUInt8(at) !== 0xff; at += 5) {
    if (payload.readUInt8(at) !== 0x01) continue
    const place = payload.readUInt16BE(at + 1)
    return place < payload.length ? payload.readUInt8(place) : undefined
  }
  return undefined
}

/** For `connector` of the driver: a connection that breaks at the first answer of the server unless that offers encryption. */
export async function openChecked(host: string, port: number, timeout: number): Promise<Socket> {
  const socket = connect({ host, port })
  await new Promise<void>((resolve, reject) => {
    const late = (): void => {
      socket.destroy(Object.assign(new Error(`no answer from ${host}:${port}`), { code: 'ETIMEDOUT' }))
    }
    socket.setTimeout(timeout, late)
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.setTimeout(0)
  // The first listener: the driver sends the password only after it has seen the same bytes.
  socket.once('data', (packet) => {
    const answer = encryptionOf(packet)
    if (answer !== 1 && answer !== 3) socket.destroy(withoutEncryption())
  })
  return socket
}

export const withoutEncryption = (): Fault =>
  new Fault('database-unreachable', 'the server does not offer encryption, so the password was not sent', {
    hint: 'Set up a certificate on the server, or put encrypt=false into the URL if the network can be trusted.',
  })
