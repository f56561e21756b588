// A peer for tests that speaks as much of the TDS protocol (MS-TDS 7.4) as the driver needs: sign-in, batches, errors, cancelling.
import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

export interface PeerError {
  readonly number: number
  readonly message: string
  readonly line?: number
}

/** What the peer answers to a batch: rows of texts, an error, a message, nothing until it is cancelled, or a closed connection. */
export type Answer =
  | { readonly columns: readonly string[]; readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly error: PeerError }
  | { readonly affected: number; readonly info?: PeerError }
  | 'hang'
  | 'close'

export interface PeerOptions {
  /** Refuses the sign-in. */
  readonly login?: PeerError
  answer(sql: string): Answer
}

export class TdsPeer {
  /** Every batch that came in. */
  readonly batches: string[] = []
  /** How often somebody sent a password. */
  logins = 0
  private readonly server: Server
  private readonly options: PeerOptions
  private readonly sockets = new Set<Socket>()

  constructor(options: PeerOptions) {
    this.options = options
    this.server = createServer((socket) => this.serve(socket))
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

  private serve(socket: Socket): void {
    this.sockets.add(socket)
    let data = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (part) => {
      data = Buffer.concat([data, part])
      while (data.length >= 8 && data.length >= data.readUInt16BE(2)) {
        const length = data.readUInt16BE(2)
        this.packet(socket, data.readUInt8(0), data.subarray(8, length))
        data = data.subarray(length)
      }
    })
  }

  private packet(socket: Socket, type: number, payload: Buffer): void {
    const reply = (...tokens: readonly Buffer[]): void => void socket.write(packet(Buffer.concat(tokens)))
    if (type === 0x12) reply(prelogin())
    else if (type === 0x10) {
      this.logins++
      const { login } = this.options
      reply(...(login ? [message(0xaa, login), done(2, 0)] : [loginAck(), done(0, 0)]))
    } else if (type === 0x06) {
      // The end of what was interrupted, then that of the interruption.
      reply(done(0, 0))
      reply(done(0x20, 0))
    } else if (type === 0x01) this.batch(socket, payload, reply)
    else if (type === 0x03) this.batch(socket, payload, reply)
  }

  private batch(socket: Socket, payload: Buffer, reply: (...tokens: readonly Buffer[]) => void): void {
    // All headers come first, their length in front.
    const sql = payload.subarray(payload.readUInt32LE(0)).toString('utf16le')
    this.batches.push(sql)
    const answer = this.options.answer(sql)
    if (answer === 'close') socket.destroy()
    else if (answer !== 'hang') {
      if ('error' in answer) reply(message(0xaa, answer.error), done(2, 0))
      else if ('rows' in answer) reply(...rowTokens(answer.columns, answer.rows), done(0x10, answer.rows.length))
      else reply(...(answer.info ? [message(0xab, answer.info)] : []), done(0x10, answer.affected))
    }
  }
}

/** Tabular result, end of message. */
function packet(payload: Buffer): Buffer {
  const header = Buffer.from([0x04, 0x01, 0, 0, 0, 0, 1, 0])
  header.writeUInt16BE(payload.length + 8, 2)
  return Buffer.concat([header, payload])
}

/** Version 16, encryption not supported. */
function prelogin(): Buffer {
  return Buffer.from([0x00, 0, 11, 0, 6, 0x01, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 0x02])
}

const text = (value: string): Buffer => Buffer.from(value, 'utf16le')
const short = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), text(value)])
const u16 = (value: number): Buffer => {
  const buffer = Buffer.alloc(2)
  buffer.writeUInt16LE(value)
  return buffer
}
const u32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value)
  return buffer
}

function token(kind: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind]), u16(body.length), body])
}

function loginAck(): Buffer {
  return token(0xad, Buffer.concat([Buffer.from([1, 0x74, 0, 0, 0x04]), short('peer'), Buffer.from([16, 0, 0, 0])]))
}

/** ERROR is 0xAA, INFO 0xAB. */
function message(kind: number, { number, message: said, line = 1 }: PeerError): Buffer {
  const head = Buffer.concat([u32(number), Buffer.from([1, 16]), u16(said.length), text(said)])
  return token(kind, Buffer.concat([head, short('peer'), short(''), u32(line)]))
}

function done(status: number, count: number): Buffer {
  return Buffer.concat([Buffer.from([0xfd]), u16(status), u16(0), u32(count), u32(0)])
}

/** Columns are nvarchar(4000). */
function rowTokens(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): readonly Buffer[] {
  const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34])
  const metadata = columns.map((name) =>
    Buffer.concat([u32(0), u16(0x0009), Buffer.from([0xe7]), u16(8000), collation, short(name)]),
  )
  const cell = (value: string | null): Buffer =>
    value === null ? u16(0xffff) : Buffer.concat([u16(value.length * 2), text(value)])
  return [
    Buffer.concat([Buffer.from([0x81]), u16(columns.length), ...metadata]),
    ...rows.map((row) => Buffer.concat([Buffer.from([0xd1]), ...row.map(cell)])),
  ]
}
