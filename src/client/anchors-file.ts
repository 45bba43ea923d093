import { readFile } from 'node:fs/promises'
import { equal, utf8 } from '../crypto/bytes.ts'
import { parseAnchors, type Trust, trustOf } from './anchors.ts'
import { StepError, VerificationError } from './errors.ts'
import { pathExists, writePrivate } from './home-files.ts'

// Anchors as files, for programs with a file system; in a browser they are compiled into the pages.

/** Loads an anchors file. Throws `StepError` `anchors-missing`, `InputError` `anchors-invalid`. */
export async function loadAnchors(path: string): Promise<Trust> {
  return trustOf(parseAnchors(await readAnchors(path)))
}

/**
 * Loads the anchors of a home folder: its own pinned copy once there is one, else `offered`, which is pinned.
 * A file that says something else than the pinned copy is refused: anchors change by a statement of the anchor before,
 * never by handing over another file.
 * Throws `StepError` `anchors-missing`, `InputError` `anchors-invalid`, `VerificationError` `anchors-changed`.
 */
export async function pinnedAnchors(pinnedPath: string, offered?: string): Promise<Trust> {
  if (await pathExists(pinnedPath)) {
    const pinned = await readAnchors(pinnedPath)
    if (offered !== undefined && !equal(utf8(pinned), utf8(await readAnchors(offered)))) {
      throw new VerificationError(
        'These anchors are not the ones this folder was made with; leave --anchors out, or use another --home',
        { code: 'anchors-changed' },
      )
    }
    return trustOf(parseAnchors(pinned))
  }
  if (offered === undefined) {
    throw new StepError("This folder has no anchors yet: give the deployment's anchors file with --anchors", {
      code: 'anchors-missing',
    })
  }
  const text = await readAnchors(offered)
  const trust = trustOf(parseAnchors(text))
  await writePrivate(pinnedPath, text)
  return trust
}

async function readAnchors(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new StepError(`There is no anchors file at ${path}: give the deployment's file with --anchors`, {
      code: 'anchors-missing',
      cause,
    })
  }
}
