/**
 * Entries as text, 256 to a file, as an export for auditors has them (docs/store.md): three lines an entry, its hash as
 * the store knows it, its link, its event. They are read in one go, many times faster than rows; `sha256sum` reads them
 * too. A number that the store does not have is three empty lines.
 */
import type { EntryLines } from '../protocol/entry.ts'
import { TILE_WIDTH, tilePath } from './tiles.ts'

/** An entry as a file has it. */
export interface FiledEntry extends EntryLines {
  readonly seq: number
  readonly hash: string
}

/** Entries in a file: as many as the public log has in a bundle, under the same numbers. */
export const ENTRIES_IN_FILE = TILE_WIDTH

/** Where entry `seq` stands, below the export's folder. */
export function entryFilePath(seq: number): string {
  const index = Math.floor(seq / ENTRIES_IN_FILE)
  const path = tilePath({ kind: 'entries', level: 0, index, width: TILE_WIDTH })
  return `${path.slice('tile/'.length)}.jsonl`
}

/** The text of the file that begins with entry `first`. `entries` are in order, those that are missing left out. */
export function formatEntryFile(first: number, entries: readonly FiledEntry[]): string {
  const lines: string[] = []
  for (const { seq, hash, link, event } of entries) {
    while (lines.length < 3 * (seq - first)) lines.push('')
    lines.push(oneLine(hash), oneLine(link), oneLine(event))
  }
  return lines.map(line => `${line}\n`).join('')
}

/** A line feed is in no entry, only in what somebody put in its place: found as such, and not as three other entries. */
function oneLine(text: string): string {
  return text.replaceAll('\n', '\\n')
}
