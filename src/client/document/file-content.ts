/** A file's content, for sealing. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { ReadableContent } from './content.ts'

/** Bytes read at once: the processor still has them at hand when they are sealed. */
const AT_ONCE = 256 * 1024

/**
 * A file, opened when the first of it is asked for. Read on this thread: to wake another for it takes longer than the
 * reading. Throws what the system says.
 */
export function fileContent(path: string): ReadableContent {
  let file: number | null = null
  return {
    readInto(memory) {
      file ??= openSync(path, 'r')
      return readSync(file, memory, 0, Math.min(memory.length, AT_ONCE), null)
    },
    close() {
      if (file !== null) closeSync(file)
      file = null
    },
  }
}
