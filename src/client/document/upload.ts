/** Sending a body in signed parts (docs/protocol/document.md, "Bounds"). */

import { z } from 'zod'
import type { Bytes } from '../../crypto/bytes.ts'
import type { CompartmentId, RecordId, UploadId } from '../../protocol/ids.ts'
import { PART_SIZE, UploadStarted } from '../../protocol/messages.ts'
import { ConnectionError } from '../errors.ts'
import type { Host, RequestOptions } from '../http.ts'

/** What is the same in every request of one caller: signer, seen, acting person, session. */
export type Signing = Pick<RequestOptions, 'signer' | 'session' | 'acting' | 'seen'>

/** One upload. */
export interface Upload {
  readonly recordId: RecordId
  /** Where the document will go: the host looks at the right to deposit before it takes a byte. */
  readonly compartment: CompartmentId
  /** Bytes of ciphertext in all. */
  readonly length: number
  readonly body: AsyncIterable<Bytes>
  /** Bytes sent so far. */
  progress?(sent: number): void
}

/** A part is sent this many times before the upload is given up. */
const TRIES = 4
/** Milliseconds before the second try; doubled each time. */
const PAUSE_MS = 250

/**
 * Sends a body and returns the upload's id, for the deposit to name. Holds one part (8 MiB). A part that did not arrive
 * is sent again, alone; the host takes the same part twice. Throws `HostRefusal`, `ConnectionError`.
 */
export async function uploadBody(host: Host, signing: Signing, upload: Upload): Promise<UploadId> {
  const { recordId, compartment, length } = upload
  const path = `/v1/records/${recordId}/uploads`
  const started = await host.call({
    ...signing,
    method: 'POST',
    path,
    body: { compartment, length },
    answer: UploadStarted,
  })
  let number = 0
  let sent = 0
  for await (const part of inParts(upload.body, Math.min(PART_SIZE, length))) {
    const request = {
      ...signing,
      method: 'PUT',
      path: `${path}/${started.upload}/parts/${number}`,
      body: part,
    } as const
    await persistently(() => host.call({ ...request, answer: z.strictObject({}) }))
    number++
    sent += part.length
    upload.progress?.(sent)
  }
  return started.upload
}

/** Runs `work` again when the host could not be reached; each run signs anew, so a nonce is never used twice. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried === TRIES || !ConnectionError.is(error, 'host-unreachable')) throw error
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS * 2 ** (tried - 1)))
    }
  }
}

/**
 * Pieces of any size in, parts of `size` bytes out, the last shorter. Each part lies in the same memory as the one
 * before: it holds until the next is asked for.
 */
export async function* inParts(body: AsyncIterable<Bytes>, size: number): AsyncGenerator<Bytes> {
  const part = new Uint8Array(size)
  let filled = 0
  for await (const piece of body) {
    let rest = piece
    while (rest.length > 0) {
      const taken = rest.subarray(0, size - filled)
      part.set(taken, filled)
      filled += taken.length
      rest = rest.subarray(taken.length)
      if (filled < size) continue
      yield part
      filled = 0
    }
  }
  if (filled > 0) yield part.subarray(0, filled)
}
