/** A file as the pieces of a body that arrives. */
import { readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Bytes } from '../../src/crypto/bytes.ts'

/** Bytes read at once: they stay in the core's own cache until they are copied. */
const PIECE = 256 * 1024

/**
 * The bytes of a file, each piece in the same memory: it holds until the next is asked for. Read on this thread: to wake
 * another for it takes longer than the reading. Throws what the system says.
 */
export async function* filePieces(path: string): AsyncGenerator<Bytes> {
  const file = await open(path)
  try {
    const piece = new Uint8Array(PIECE)
    for (;;) {
      const bytesRead = readSync(file.fd, piece, 0, PIECE, null)
      if (bytesRead === 0) return
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}
