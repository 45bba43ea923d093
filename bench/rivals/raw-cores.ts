/**
 * The limit of both cores: two threads that do nothing but `raw-chunks.ts`, with nothing to tell each other; in memory, or
 * each reading its half of a file, as whoever seals one has to.
 */
import { once } from 'node:events'
import { closeSync, openSync, readSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { openRaw, rawChunks, sealRaw } from './raw-chunks.ts'

const MIB = 2 ** 20
/** Bytes read at once, as `src/client/document/file-content.ts` does. */
const AT_ONCE = 256 * 1024

type Work = 'seal' | 'open'
interface Asked {
  readonly work: Work
  readonly length: number
  readonly file: { readonly path: string; readonly from: number } | null
}

/** Two threads that wait to be asked. */
export interface RawCores {
  /** Each does half of that many bytes. */
  run(work: Work, length: number): Promise<void>
  /** Each seals half of that file. */
  sealFile(path: string, length: number): Promise<void>
  close(): Promise<void>
}

/** Starts them. */
export async function rawCores(): Promise<RawCores> {
  const threads = [0, 1].map(() => new Worker(new URL(import.meta.url), { workerData: { rawCores: true } }))
  await Promise.all(threads.map(thread => once(thread, 'online')))
  const ask = async (asked: (index: number) => Asked) => {
    await Promise.all(
      threads.map((thread, index) => {
        const done = once(thread, 'message')
        thread.postMessage(asked(index))
        return done
      }),
    )
  }
  return {
    run: (work, length) => ask(() => ({ work, length: length / 2, file: null })),
    sealFile: (path, length) =>
      ask(index => ({ work: 'seal', length: length / 2, file: { path, from: (index * length) / 2 } })),
    async close() {
      await Promise.all(threads.map(thread => thread.terminate()))
    },
  }
}

if (!isMainThread && workerData?.rawCores === true) {
  const piece = new Uint8Array(MIB)
  const chunks = rawChunks(MIB)
  const pieces = function* (length: number, file: Asked['file']) {
    const descriptor = file === null ? null : openSync(file.path, 'r')
    for (let at = 0; at < length; at += MIB) {
      for (let filled = 0; descriptor !== null && file !== null && filled < MIB; )
        filled += readSync(descriptor, piece, filled, Math.min(MIB - filled, AT_ONCE), file.from + at + filled)
      yield piece
    }
    if (descriptor !== null) closeSync(descriptor)
  }
  parentPort?.on('message', ({ work, length, file }: Asked) => {
    if (work === 'seal') sealRaw(pieces(length, file), { released: true })
    else openRaw(chunks, length, { released: true })
    parentPort?.postMessage(null)
  })
}
