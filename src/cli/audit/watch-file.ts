/** What a watcher remembers: one file, replaced whole. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { z } from 'zod'
import type { Followed } from '../../log/audit/follow.ts'
import { UsageError } from '../command.ts'

const Stored = z.strictObject({
  coffre: z.literal('audit-watch/1'),
  origin: z.string().max(256),
  size: z.int().min(0),
  root: z.string().max(64),
  note: z.string().max(256 * 1024),
})

/** Null when there is none yet. Throws `UsageError` for a file of something else, or of another log. */
export function readFollowed(file: string, origin: string): Followed | null {
  if (!existsSync(file)) return null
  const stored = Stored.safeParse(parsed(readFileSync(file, 'utf8')))
  if (!stored.success) throw new UsageError(`${file} is not the state of a watch: give another name to --state`)
  if (stored.data.origin !== origin) throw new UsageError(`${file} belongs to the watch of another log`)
  const { size, root, note } = stored.data
  return { size, root, note }
}

/** Durable before it returns. */
export function keepFollowed(file: string, origin: string, { size, root, note }: Followed): void {
  const scratch = `${file}.new`
  const handle = openSync(scratch, 'w', 0o600)
  try {
    writeSync(handle, `${JSON.stringify({ coffre: 'audit-watch/1', origin, size, root, note })}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(scratch, file)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
