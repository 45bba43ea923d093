/** A load of HTTP/1.1 requests over kept TLS connections, as cheap as it can be: bytes out, lengths in. */
import { once } from 'node:events'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'

/**
 * What one connection sends, in order: the next begins when the answer of the one before is whole. One that is made from
 * that answer's body is made while the clock runs.
 */
export type Script = readonly (Uint8Array | ((answer: Buffer) => Uint8Array))[]

/** What a load came to. */
export interface Load {
  readonly seconds: number
  /** Of every request, milliseconds, in no order. */
  readonly latencies: readonly number[]
  /** Milliseconds of processor that this process took meanwhile. */
  readonly ownMs: number
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')

/** Opens connections, for many loads. */
export async function openConnections(count: number, options: ConnectionOptions): Promise<TLSSocket[]> {
  const sockets: TLSSocket[] = []
  for (let i = 0; i < count; i++) {
    const socket = connect(options)
    await once(socket, 'secureConnect')
    socket.setNoDelay(true)
    sockets.push(socket)
  }
  return sockets
}

/** Plays a script on each connection, all at once. Throws when an answer is not one of the 200s. */
export async function play(sockets: readonly TLSSocket[], scripts: readonly Script[]): Promise<Load> {
  const latencies: number[] = []
  const [began, used] = [performance.now(), process.cpuUsage()]
  await Promise.all(sockets.map((socket, i) => playOne(socket, scripts[i] ?? [], latencies)))
  const { user, system } = process.cpuUsage(used)
  return { seconds: (performance.now() - began) / 1000, latencies, ownMs: (user + system) / 1000 }
}

function playOne(socket: TLSSocket, script: Script, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let at = 0
    let sent = 0
    let head: Buffer = Buffer.alloc(0)
    let left = -1
    let body: Buffer[] | null = null
    const next = () => {
      const request = script[at++]
      if (request === undefined) return finish()
      const bytes = typeof request === 'function' ? request(Buffer.concat(body ?? [])) : request
      body = typeof script[at] === 'function' ? [] : null
      sent = performance.now()
      socket.write(bytes)
    }
    const finish = (error?: Error) => {
      socket.off('data', heard)
      socket.off('error', finish)
      socket.off('close', closed)
      if (error === undefined) resolve()
      else reject(error)
    }
    const closed = () => finish(new Error('The connection was closed'))
    const heard = (piece: Buffer) => {
      if (left < 0) {
        head = head.length === 0 ? piece : Buffer.concat([head, piece])
        const end = head.indexOf(END_OF_HEAD)
        if (end < 0) return
        const text = head.toString('latin1', 0, end)
        if (!text.startsWith('HTTP/1.1 2')) return finish(new Error(head.toString().slice(0, 1500)))
        const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
        const begun = head.subarray(end + END_OF_HEAD.length)
        left = Number(length) - begun.length
        body?.push(begun)
        head = Buffer.alloc(0)
      } else {
        left -= piece.length
        body?.push(piece)
      }
      if (left > 0) return
      left = -1
      latencies.push(performance.now() - sent)
      next()
    }
    socket.on('data', heard)
    socket.once('error', finish)
    socket.once('close', closed)
    // One that closed between two loads tells nobody again: without this the load would never end.
    if (socket.destroyed) closed()
    else next()
  })
}

/** The value below which 99 of 100 lie. */
export function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0
}

/** The value in the middle. */
export function p50(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
