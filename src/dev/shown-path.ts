import { relative } from 'node:path'

/** A path as a person at the present folder types it: relative when it lies below, else whole. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' ? '.' : short.startsWith('..') ? path : short
}
