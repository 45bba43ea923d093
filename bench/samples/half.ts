/** A worker thread that seals or opens a part of a file, each time it is told to, and hashes the ciphertext. */
import { openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { CHUNK_LENGTH, openRangeChunks } from '../../src/crypto/chunks.ts'
import { MessageCipher } from '../../src/crypto/message-cipher.ts'
import { BlockTree } from '../../src/log/block-tree.ts'
import { drain, MIB } from './bodies.ts'

/** What a thread is given: the two files, and which bytes of the content are its own, whole chunks. */
export interface Half {
  readonly plain: string
  readonly sealed: string
  readonly sealedLength: number
  readonly key: Uint8Array
  readonly context: Uint8Array
  readonly salt: Uint8Array
  readonly start: number
  readonly end: number
}

const half = workerData as Half
const plain = openSync(half.plain, 'r')
const sealed = openSync(half.sealed, 'r')

function readAt(file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
}

function seal(): void {
  using cipher = new MessageCipher(half, half.salt)
  const tree = new BlockTree()
  for (let at = half.start; at < half.end; at += MIB) {
    const piece = readAt(plain, at, Math.min(MIB, half.end - at))
    for (let chunk = 0; chunk < piece.length; chunk += CHUNK_LENGTH) {
      const index = (at + chunk) / CHUNK_LENGTH
      tree.update(cipher.seal(index, piece.subarray(chunk, chunk + CHUNK_LENGTH)))
    }
  }
  tree.digest()
}

async function open(): Promise<void> {
  const tree = new BlockTree()
  const ciphertext = {
    length: half.sealedLength,
    async read(offset: number, length: number) {
      const bytes = readAt(sealed, offset, length)
      tree.update(bytes)
      return bytes
    },
  }
  await drain(openRangeChunks(half, ciphertext, half))
  tree.digest()
}

parentPort?.on('message', async (work: 'seal' | 'open') => {
  await (work === 'seal' ? seal() : open())
  parentPort?.postMessage('done')
})
