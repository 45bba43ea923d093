/** The part of `smpp` 0.5 that is used here; the package brings no types. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events'
  import type { Server as NetServer, Socket } from 'node:net'
  import type { ConnectionOptions, TlsOptions } from 'node:tls'

  export interface Pdu {
    readonly command: string
    readonly command_status: number
    readonly system_id?: string
    readonly password?: string
    readonly source_addr?: string
    readonly destination_addr?: string
    readonly data_coding?: number
    readonly validity_period?: string | Date
    readonly short_message?: { readonly message: string }
    isResponse(): boolean
    response(options?: Readonly<Record<string, unknown>>): Pdu
  }

  export class PDU {
    constructor(command: string, options?: Readonly<Record<string, unknown>>)
  }

  export interface Session extends EventEmitter {
    readonly socket: Socket
    /** False when the socket takes nothing any more; then no answer comes either. */
    send(pdu: PDU | Pdu, onAnswer?: (pdu: Pdu) => void): boolean
    destroy(): void
  }

  const smpp: {
    readonly PDU: typeof PDU
    connect(options: ConnectionOptions & { readonly tls?: boolean }): Session
    createServer(options: TlsOptions, listener: (session: Session) => void): NetServer
  }
  export default smpp
}
