// A peer for tests that is an Oracle listener which refuses every connection, as a real one does for a service it does not know.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export class RefusingListener {
  private readonly server: Server
  private readonly sockets = new Set<Socket>()

  /** `code` is the number of the TNS error, for example 12514. */
  constructor(code: number) {
    this.server = createServer((socket) => {
      this.sockets.add(socket)
      socket.on('error', () => {})
      socket.once('data', () => socket.end(refuse(code)))
    })
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve)
    })
    return (this.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve())
    })
  }
}

/** A REFUSE packet: header, reasons, and what the listener says. */
function refuse(code: number): Buffer {
  const text = Buffer.from(
    `(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=${code})(ERROR_STACK=(ERROR=(CODE=${code})(EMFI=4))))`,
  )
  const packet = Buffer.alloc(12)
  packet.writeUInt16BE(12 + text.length, 0)
  packet.writeUInt8(4, 4)
  packet.writeUInt8(0x22, 8)
  packet.writeUInt16BE(text.length, 10)
  return Buffer.concat([packet, text])
}
