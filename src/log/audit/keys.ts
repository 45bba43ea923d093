import { fromBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { VerifyKey } from '../../crypto/sign.ts'
import { parseStatement } from '../../crypto/statement.ts'
import { type Certificate, type Crl, parseCertificate, parseCrl } from '../../crypto/x509.ts'
import type { Actor } from '../../protocol/entry.ts'
import type { Hash, NationalId } from '../../protocol/ids.ts'
import { KeyStatement, StatementTyp } from '../../protocol/statements.ts'
import type { CardContext } from '../card-signed.ts'
import { verifyKeyStatement } from '../key-statement.ts'
import { verifyKeyWithdrawal } from '../key-withdrawal.ts'
import { peek } from '../verified.ts'
import type { Case, Examined, Soon } from './case.ts'

/** Between the moment the host looked at a key or a grant and its entry's time, milliseconds. */
export const HANDLING_MS = 10_000

/** A published key, as the auditor uses it. */
export interface AuditedKey {
  readonly hash: Hash
  readonly statement: KeyStatement
  readonly verifyKey: VerifyKey
  readonly card: Certificate
  /** When both key and card may be used, POSIX milliseconds. */
  readonly term: { readonly from: number; readonly until: number }
  /** Who may have issued the card, as far as chain and anchors tell. */
  readonly issuers: readonly Certificate[]
}

/** A list that revokes a card. */
interface Revocation {
  readonly crl: Crl
  /** When the host had it, POSIX milliseconds. */
  readonly seenAt: number
  /** POSIX milliseconds. */
  readonly revokedAt: number
}

type Practitioner = Extract<Actor, { kind: 'professional' | 'establishment' }>

/** The directory as the log tells it: each key statement from the entry that published it. */
export class Keys {
  readonly #case: Case
  readonly #keys = new Map<string, AuditedKey | null>()
  readonly #newest = new Map<NationalId, AuditedKey>()
  /** By the key statement's hash: from when on it counts no more, POSIX milliseconds. */
  readonly #withdrawn = new Map<string, number>()
  readonly #revocations = new WeakMap<AuditedKey, Revocation[]>()
  readonly #crls: { readonly crl: Crl; readonly seenAt: number }[] = []

  constructor(audited: Case) {
    this.#case = audited
  }

  /** Reads the revocation lists that the host kept. */
  async start(): Promise<void> {
    for await (const { der, seenAt } of this.#case.source.crls()) {
      try {
        this.#crls.push({ crl: parseCrl(der), seenAt: Date.parse(seenAt) })
      } catch (error) {
        if (!CoffreError.is(error)) throw error
        this.#case.findings.add('key-refused', `A stored revocation list cannot be read (${error.code})`, {}, { der })
      }
    }
  }

  /** A `key.publish`: signed by a card that held then, and following the holder's newest. */
  async publish(at: Examined, actor: Practitioner, hash: string): Promise<void> {
    this.#keys.set(hash, null)
    const text = await this.#case.text('key', hash, at)
    if (text === null) return
    const { deployment, cardAuthorities } = this.#case.trust
    const { t } = at
    const key = await this.#case.attempt('key-refused', at, 'A published key', () => read(hash, text, cardAuthorities))
    if (key === null) return
    this.#keys.set(hash, key)
    await this.#case.attempt('key-refused', at, 'A published key', () =>
      verifyKeyStatement(text, { deployment, ...this.cardContext(t) }),
    )
    const { kind, nationalId, seq, prev } = key.statement
    if (actor.kind !== kind || actor.id !== nationalId || actor.key !== hash) {
      this.#case.found('entry-object', 'A key was published in another holder’s name', at, { statement: text })
    }
    const before = this.#newest.get(nationalId)
    const follows = before === undefined ? seq === 0 && prev === null : seq === before.statement.seq + 1
    if (!follows || prev !== (before?.hash ?? null)) {
      this.#case.found('key-refused', 'A published key does not follow the holder’s key before it', at, {
        statement: text,
        before: before?.hash ?? null,
      })
    }
    this.#newest.set(nationalId, key)
  }

  /** A `key.withdraw`: signed by a card of the key's own holder that held then. */
  async withdraw(
    at: Examined,
    actor: Practitioner,
    { key: hash, withdrawal }: { readonly key: string; readonly withdrawal: string },
  ): Promise<void> {
    const text = await this.#case.text('withdrawal', withdrawal, at)
    const key = this.#keys.get(hash)
    if (text === null || key == null) {
      if (key === undefined) this.#case.found('key-unknown', `The key ${hash} had not been published`, at)
      return
    }
    const { kind, nationalId } = key.statement
    if (actor.kind !== kind || actor.id !== nationalId) {
      this.#case.found('entry-object', 'A key was withdrawn in another holder’s name', at, { statement: text })
    }
    const { deployment } = this.#case.trust
    const verified = await this.#case.attempt('key-refused', at, 'A withdrawal of a key', () =>
      verifyKeyWithdrawal(text, {
        deployment,
        ...this.cardContext(at.t),
        key: { hash: key.hash, payload: key.statement },
      }),
    )
    if (verified !== null && !this.#withdrawn.has(hash)) this.#withdrawn.set(hash, at.t)
  }

  /** When a key was withdrawn, POSIX milliseconds; never: infinitely late. */
  withdrawnAt(hash: string): number {
    return this.#withdrawn.get(hash) ?? Number.POSITIVE_INFINITY
  }

  /** What a card is judged by at that moment, milliseconds. */
  cardContext(t: number): CardContext {
    return {
      cardAuthorities: this.#case.trust.cardAuthorities,
      // Those that the host had by then: a later one may revoke back to a time when nobody could know.
      crls: this.#crls.filter(({ seenAt }) => seenAt <= t).map(({ crl }) => crl),
      at: new Date(t),
    }
  }

  /** Was this key published, and by that holder? */
  isOf(hash: string, { kind, id }: { readonly kind: string; readonly id: string }): boolean {
    const key = this.#keys.get(hash)
    return key === null || (key !== undefined && key.statement.kind === kind && key.statement.nationalId === id)
  }

  /**
   * The key of who acted, checked for the time of the act; null when it cannot be known (found here, or where it was
   * published).
   */
  use(at: Examined, actor: Practitioner): Soon<AuditedKey | null> {
    const key = this.#keys.get(actor.key)
    if (key === null) return null
    if (key === undefined) {
      this.#case.found('key-unknown', `The key ${actor.key} had not been published`, at)
      return null
    }
    const { kind, nationalId } = key.statement
    if (actor.kind !== kind || actor.id !== nationalId) {
      this.#case.found('key-unknown', `The key ${actor.key} is not that of ${actor.kind} ${actor.id}`, at)
    }
    const { t } = at
    const { from, until } = key.term
    if (t < from || t - HANDLING_MS >= until) {
      this.#case.found('key-expired', `A key valid until ${new Date(until).toISOString()} signed later`, at)
    }
    const withdrawn = this.withdrawnAt(actor.key)
    if (t - HANDLING_MS >= withdrawn) {
      this.#case.found('key-withdrawn', `A key withdrawn on ${new Date(withdrawn).toISOString()} signed later`, at)
    }
    const revocations = this.#revocations.get(key)
    if (revocations === undefined) return this.#lookedUp(at, key)
    this.#revoked(at, key, revocations)
    return key
  }

  async #lookedUp(at: Examined, key: AuditedKey): Promise<AuditedKey> {
    const revocations = await this.#revocationsOf(key)
    this.#revocations.set(key, revocations)
    this.#revoked(at, key, revocations)
    return key
  }

  /** A list that the host had before the act names the card. */
  #revoked(at: Examined, key: AuditedKey, revocations: readonly Revocation[]): void {
    const { t } = at
    const known = revocations.find(({ seenAt, revokedAt }) => seenAt <= t - HANDLING_MS && revokedAt <= t)
    if (known === undefined) return
    const evidence = { certificate: key.card.der, list: known.crl.der }
    this.#case.found(
      'certificate-revoked',
      `The card was revoked on ${new Date(known.revokedAt).toISOString()}`,
      at,
      evidence,
    )
  }

  /** Of all lists those that name the card and that the card's own issuer signed: looked for once a key. */
  async #revocationsOf({ card, issuers }: AuditedKey): Promise<Revocation[]> {
    const found: Revocation[] = []
    for (const { crl, seenAt } of this.#crls) {
      const revokedAt = card.isCoveredBy(crl) ? crl.revokedAt(card) : null
      if (revokedAt === null || !(await isSigned(crl, issuers))) continue
      found.push({ crl, seenAt, revokedAt: revokedAt.getTime() })
    }
    return found
  }
}

async function isSigned(crl: Crl, issuers: readonly Certificate[]): Promise<boolean> {
  for (const issuer of issuers) if (await issuer.signed(crl)) return true
  return false
}

/** The statement as it says of itself: to verify requests with, whatever is found about the card. */
function read(hash: string, text: string, anchors: readonly Certificate[]): AuditedKey {
  const statement = peek(text, { typ: StatementTyp.key, schema: KeyStatement })
  const [leaf = '', ...above] = parseStatement(text).signatures[0]?.header.x5c ?? []
  const card = parseCertificate(leaf)
  const term = {
    from: Math.max(Date.parse(statement.notBefore), card.notBefore.getTime()),
    until: Math.min(Date.parse(statement.notAfter), card.notAfter.getTime() + 1),
  }
  return {
    hash: hash as Hash,
    statement,
    verifyKey: VerifyKey.parse(fromBase64url(statement.signKey)),
    card,
    term,
    issuers: [...above.map(each => parseCertificate(each)), ...anchors],
  }
}
