import { DevError } from './errors.ts'

// How the journey learns a code: from the paper alone, as a person who listens to it does. The printed letters are
// drawn; what is spoken instead of them stands in the file as text (ISO 32000-2 §14.9.4, `ActualText`).

/** The groups of the one code on a printed sheet (mailed code, kit secret). Throws `DevError` `step-failed`. */
export function spokenGroups(pdf: Uint8Array): string[] {
  const text = Buffer.from(pdf).toString('latin1')
  const lines = [...text.matchAll(/\/ActualText\s*\(((?:[^()\\]|\\.)*)\)/gs)].map(([, line]) => plain(line ?? ''))
  const groups = lines.flatMap(line => line.split(',').map(group => group.replaceAll(' ', '')))
  if (groups.length < 2 || groups.some(group => !/^[0-9A-Z]{1,6}$/.test(group))) {
    throw new DevError('The sheet does not speak one code', { code: 'step-failed' })
  }
  return groups
}

/** The same in one piece, groups joined by dashes. */
export function spokenCode(pdf: Uint8Array): string {
  return spokenGroups(pdf).join('-')
}

/** A PDF string literal without its escapes (ISO 32000-2 §7.3.4.2); ASCII is all that a code needs. */
function plain(literal: string): string {
  return literal.replace(/\\(\r?\n|.)/gs, (_, escaped: string) => (/^\r?\n$/.test(escaped) ? '' : escaped))
}
