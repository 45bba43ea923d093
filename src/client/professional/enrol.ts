/** Enrolling: working keys, the key statement signed by the card, publication (docs/protocol/key-statement.md). */
import { toBase64url } from '../../crypto/bytes.ts'
import { SealSecretKey } from '../../crypto/keys.ts'
import { SigningKey } from '../../crypto/sign.ts'
import { cosignStatement, ed25519Signer, statementHash } from '../../crypto/statement.ts'
import { peek } from '../../log/verified.ts'
import { KeyPublished, KeyVersions } from '../../protocol/directory.ts'
import type { Hash } from '../../protocol/ids.ts'
import { KeyStatement, StatementTyp } from '../../protocol/statements.ts'
import { cardSigner } from '../cards/card-signer.ts'
import { instant } from '../clock.ts'
import { HostRefusal, InputError } from '../errors.ts'
import { Host } from '../http.ts'
import { Connection, type ConnectOptions } from './connection.ts'
import type { WorkingKeys, Workstation } from './workstation.ts'

/** Days for which working keys are good, unless the card ends before. */
const KEY_DAYS = 365
const DAY_MS = 24 * 60 * 60 * 1000

/** What an enrolment left. */
export interface Enrolment {
  readonly keyStatement: Hash
  readonly notAfter: string
  /** False when this workstation already had published keys in force, which were left as they are. */
  readonly isNew: boolean
}

/**
 * Makes working keys, has the card sign them, and publishes the statement. Keys are on disk, sealed, before anything is
 * sent; interrupted, it goes on with the same keys the next time. `renew` makes new ones although there are some.
 * Throws `HostRefusal` (`key-refused`, `certificate-refused`), `InputError`, `ConnectionError`.
 */
export async function enrol(
  workstation: Workstation,
  options: ConnectOptions & { readonly renew?: boolean } = {},
): Promise<Enrolment> {
  const existing = await workstation.newestKeys()
  const inForce =
    existing !== null && !existing.withdrawn && Date.parse(notAfterOf(existing)) > workstation.clock().getTime()
  if (existing?.published && inForce && options.renew !== true) {
    return { keyStatement: existing.keyStatement, notAfter: notAfterOf(existing), isNew: false }
  }
  const resumes = existing !== null && !existing.published && inForce
  const keys = resumes ? existing : await makeKeys(workstation)
  if (!resumes) await workstation.keepKeys(keys)
  const connection = await Connection.open(workstation, { ...options, keys })
  try {
    const { keyStatement, receipt } = await connection.host.call({
      ...connection.signing,
      method: 'POST',
      path: '/v1/keys',
      body: { statement: keys.statement },
      answer: KeyPublished,
    })
    await connection.receive(receipt, 'key.publish', { keyStatement: keys.keyStatement })
    await workstation.keepKeys({ ...keys, published: true })
    return { keyStatement, notAfter: notAfterOf(keys), isNew: true }
  } finally {
    await connection.close()
  }
}

async function makeKeys(workstation: Workstation): Promise<WorkingKeys> {
  const { card, trust, file } = workstation
  const leaf = card.certificates[0]
  if (leaf === undefined) throw new InputError('This card holds no certificate', { code: 'card-malformed' })
  const now = workstation.clock()
  const before = await newestPublished(workstation)
  const signKey = SigningKey.generate()
  const sealKey = SealSecretKey.generate()
  const payload: KeyStatement = {
    deployment: trust.anchors.deployment,
    kind: file.kind,
    nationalId: file.nationalId,
    signKey: toBase64url(signKey.verifyKey.bytes),
    sealKey: toBase64url(sealKey.publicKey.bytes),
    seq: before === null ? 0 : before.seq + 1,
    prev: before?.hash ?? null,
    notBefore: instant(now),
    notAfter: instant(new Date(Math.min(now.getTime() + KEY_DAYS * DAY_MS, leaf.notAfter.getTime()))),
  }
  const statement = await cosignStatement(StatementTyp.key, payload, cardSigner(card), ed25519Signer(signKey, 'self'))
  return {
    keyStatement: toBase64url(statementHash(statement)) as Hash,
    statement,
    signKey,
    sealKey,
    published: false,
    withdrawn: false,
  }
}

/**
 * The holder's newest published key, of this workstation or another; `null` when there is none. It may be over, so
 * it is not verified, only named as the one before: a host that names a wrong one spoils its own directory.
 */
async function newestPublished(workstation: Workstation): Promise<{ seq: number; hash: Hash } | null> {
  const { trust, clock, file } = workstation
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  try {
    const path = `/v1/professionals/${file.nationalId}/versions`
    const { versions } = await host.call({ method: 'GET', path, answer: KeyVersions })
    const statement = versions.at(-1)?.statement ?? ''
    const { seq } = peek(statement, { typ: StatementTyp.key, schema: KeyStatement })
    return { seq, hash: toBase64url(statementHash(statement)) as Hash }
  } catch (error) {
    if (HostRefusal.is(error, 'key-unknown')) return null
    throw error
  } finally {
    await host.close()
  }
}

function notAfterOf({ statement }: WorkingKeys): string {
  return peek(statement, { typ: StatementTyp.key, schema: KeyStatement }).notAfter
}
