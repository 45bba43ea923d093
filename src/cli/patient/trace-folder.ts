/** The folder of an exported trace. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TraceFile, TraceFolder } from '../../client/patient/trace-files.ts'
import { UsageError } from '../command.ts'

/** Longest file of an export that is read, bytes: a state and its sets. */
const MOST_BYTES = 8 * 1024 * 1024

/** Writes an export into a new folder, readable by its owner alone; removed again when it fails. Returns how many files. Throws `UsageError`. */
export async function writeTrace(folder: string, files: AsyncIterable<TraceFile>): Promise<number> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (cause) {
    throw new UsageError(`${folder} exists, or cannot be made: name a new folder in one that exists`, {
      code: 'export-exists',
      cause,
    })
  }
  let count = 0
  try {
    for await (const { path, content } of files) {
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, content, { mode: 0o600 })
      count++
    }
    return count
  } catch (error) {
    await rm(folder, { recursive: true, force: true }) // half a trace would look like a whole one
    throw error
  }
}

/** Reads an export. Throws `UsageError` for a file that cannot be read. */
export function traceFolder(folder: string): TraceFolder {
  return {
    async read(path) {
      try {
        const bytes = await readFile(join(folder, path))
        if (bytes.length > MOST_BYTES) throw new UsageError(`${path} is too long to be a file of an export`)
        return bytes.toString('utf8')
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw UsageError.is(cause) ? cause : new UsageError(`${join(folder, path)} cannot be read`, { cause })
      }
    },
  }
}
