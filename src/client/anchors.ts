import { readFile } from 'node:fs/promises'
import { equal, fromBase64, fromBase64url, utf8 } from '../crypto/bytes.ts'
import { VerifyKey } from '../crypto/sign.ts'
import { type Certificate, parseCertificate } from '../crypto/x509.ts'
import { type Policy, parsePolicy } from '../log/policy.ts'
import { Anchors } from '../protocol/anchors.ts'
import { InputError, StepError, VerificationError } from './errors.ts'
import { pathExists, writePrivate } from './home-files.ts'

/** The anchors with their keys, certificates and policy read: what a client trusts before it talks to anyone. */
export interface Trust {
  readonly anchors: Anchors
  readonly hostKey: VerifyKey
  readonly insurerKey: VerifyKey
  readonly cardAuthorities: readonly Certificate[]
  readonly policy: Policy
}

/** Reads anchors from their JSON text. Throws `InputError` `anchors-invalid`. */
export function parseAnchors(text: string): Anchors {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid(cause)
  }
  const parsed = Anchors.safeParse(value)
  if (!parsed.success) throw invalid(parsed.error)
  return parsed.data
}

/** Reads what the anchors hold. Throws `InputError` `anchors-invalid` when a key, certificate or the policy is not one. */
export function trustOf(anchors: Anchors): Trust {
  try {
    return {
      anchors,
      hostKey: VerifyKey.parse(fromBase64url(anchors.hostKey)),
      insurerKey: VerifyKey.parse(fromBase64url(anchors.insurerKey)),
      cardAuthorities: anchors.cardAuthorities.map(pem => parseCertificate(derOf(pem))),
      policy: parsePolicy(anchors.policy),
    }
  } catch (cause) {
    throw invalid(cause)
  }
}

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

/** The DER of exactly one PEM certificate (RFC 7468 §5). */
function derOf(pem: string): Uint8Array {
  const base64 = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(pem)?.[1]
  if (base64 === undefined) throw new InputError('Not one PEM certificate', { code: 'anchors-invalid' })
  return fromBase64(base64.replace(/\s+/g, ''))
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

function invalid(cause: unknown): InputError {
  return new InputError('This is not an anchors file of this version; get it again from who runs the deployment', {
    code: 'anchors-invalid',
    cause,
  })
}
