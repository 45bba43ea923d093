/** What the parts of an audit share: what is trusted, what is read, what was found. */
import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { VerifyKey } from '../../crypto/sign.ts'
import { statementHash } from '../../crypto/statement.ts'
import { type Certificate, parseCertificate } from '../../crypto/x509.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import type { DeploymentId } from '../../protocol/ids.ts'
import { type ParsedEntry, parseEntry } from '../entry.ts'
import { LogError } from '../errors.ts'
import { type Policy, parsePolicy } from '../policy.ts'
import type { FindingCode, Findings, Place } from './finding.ts'
import type { QuickEntry } from './quick-entry.ts'
import { type AuditSource, SourceError, type StatementName, type StoredEntry, WHOLE } from './source.ts'

/** The anchors, read. */
export interface AuditTrust {
  readonly deployment: DeploymentId
  readonly origin: string
  readonly policy: Policy
  readonly hostKey: VerifyKey
  readonly insurerKey: VerifyKey
  readonly cardAuthorities: readonly Certificate[]
}

/** Reads anchors. Throws `LogError` `audit-anchors` when one of them is not a key, a certificate or a policy. */
export function auditTrust(anchors: Anchors): AuditTrust {
  try {
    return {
      deployment: anchors.deployment,
      origin: anchors.origin,
      policy: parsePolicy(anchors.policy),
      hostKey: VerifyKey.parse(fromBase64url(anchors.hostKey)),
      insurerKey: VerifyKey.parse(fromBase64url(anchors.insurerKey)),
      cardAuthorities: anchors.cardAuthorities.map(pem =>
        parseCertificate(pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')),
      ),
    }
  } catch (cause) {
    throw new LogError('The anchors hold something that is not a key, a certificate or a policy: fetch them again', {
      code: 'audit-anchors',
      cause,
    })
  }
}

/** An entry under examination. */
export interface Examined {
  readonly entry: ParsedEntry
  readonly seq: number
  /** Its own time, POSIX milliseconds. */
  readonly t: number
  /** The request behind it, and what its signer had seen, where they were read along with the entry. */
  readonly asked: Pick<QuickEntry, 'request' | 'seen'> | null
}

/**
 * What is nearly always at hand, and awaited only when it is not: millions of entries go by, and waiting for what is
 * there costs more than looking at it.
 */
export type Soon<T> = T | Promise<T>

/** Goes on at once with what is there, later with what is not. */
export function soon<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** The audit under way. */
export class Case {
  readonly source: AuditSource
  readonly trust: AuditTrust
  readonly findings: Findings
  /** Hashes of statements that the log vouches for. */
  readonly vouched = new Set<string>()
  /** Of those, the ones that came since somebody last took them. */
  readonly newlyVouched: string[] = []

  constructor(options: { source: AuditSource; trust: AuditTrust; findings: Findings }) {
    this.source = options.source
    this.trust = options.trust
    this.findings = options.findings
  }

  /** Adds a finding at an entry, whose lines are part of the evidence. */
  found(code: FindingCode, message: string, at: Examined, evidence: object = {}): void {
    const { link, event } = at.entry
    this.findings.add(code, message, placeOf(at), { entry: { link, event }, ...evidence })
  }

  /** Adds a finding at an entry known by its number, which is read again to be its evidence. */
  async foundAt(code: FindingCode, message: string, seq: number, evidence: object = {}): Promise<void> {
    if (this.findings.muted) return
    const stored = await this.stored(seq)
    const entry = stored === null ? null : readable(stored)
    const lines = stored === null ? {} : { entry: { link: stored.link, event: stored.event } }
    this.findings.add(code, message, entry === null ? { seq } : placeOf({ entry, seq }), { ...lines, ...evidence })
  }

  /** The entry of that number; null when it is not there. */
  async stored(seq: number): Promise<StoredEntry | null> {
    return (await this.source.entries({ from: seq, to: seq + 1, part: WHOLE }))[0] ?? null
  }

  /** What `work` gives; null, and a finding, when it throws what a check throws. */
  async attempt<T>(code: FindingCode, at: Examined, what: string, work: () => Soon<T>): Promise<T | null> {
    try {
      return await work()
    } catch (error) {
      return this.#failed(code, at, what, error)
    }
  }

  /** The same for work that has nothing to wait for. */
  attemptNow<T>(code: FindingCode, at: Examined, what: string, work: () => T): T | null {
    try {
      return work()
    } catch (error) {
      return this.#failed(code, at, what, error)
    }
  }

  #failed(code: FindingCode, at: Examined, what: string, error: unknown): null {
    if (!CoffreError.is(error) || SourceError.is(error)) throw error
    const proof = LogError.is(error) && error.evidence !== undefined ? { proof: error.evidence } : {}
    this.found(code, `${what}: ${error.message} (${error.code})`, at, proof)
    return null
  }

  /**
   * A statement of the store that an entry names, its text the one of its hash. Null, and a finding (`missing` or
   * `statement-altered`), when it is not there.
   */
  async text(
    kind: StatementName,
    hash: string,
    at: Examined,
    missing: FindingCode = 'statement-missing',
  ): Promise<string | null> {
    if (!this.vouched.has(hash)) {
      this.vouched.add(hash)
      this.newlyVouched.push(hash)
    }
    const text = await this.source.statement(kind, hash)
    if (text === null) {
      this.found(missing, `The ${kind} ${hash} is not in the store`, at, { kind, hash })
      return null
    }
    const same = await this.attempt(
      'statement-altered',
      at,
      `The ${kind} ${hash}`,
      () => toBase64url(statementHash(text)) === hash,
    )
    if (same === true) return text
    if (same === false) {
      this.found('statement-altered', `The text of the ${kind} ${hash} is another one`, at, { kind, hash, text })
    }
    return null
  }
}

function readable(stored: StoredEntry): ParsedEntry | null {
  try {
    return parseEntry(stored)
  } catch (error) {
    if (LogError.is(error, 'entry-form')) return null
    throw error
  }
}

export function placeOf({ entry, seq }: Pick<Examined, 'entry' | 'seq'>): Place {
  const { record, n } = entry.parsed.link
  return { record, n, seq }
}
