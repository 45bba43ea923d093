import type { ZodType } from 'zod'
import { fromBase64url, toBase64url, wiping } from '../../crypto/bytes.ts'
import { AccountKey } from '../../crypto/keys.ts'
import type { SigningKey } from '../../crypto/sign.ts'
import type { VerifiedReceipt } from '../../log/receipt.ts'
import { verifyState } from '../../log/state-chain.ts'
import type { SessionId } from '../../protocol/ids.ts'
import { Receipted, RecordState } from '../../protocol/messages.ts'
import type { Trust } from '../anchors.ts'
import { openBundle } from '../bundle.ts'
import { type Clock, clockFor } from '../clock.ts'
import { HostRefusal, StepError } from '../errors.ts'
import { Host, type RequestOptions, type RequestSigner } from '../http.ts'
import { checkReceipt, type ExpectedEvent } from '../receipts.ts'
import { type Seen, seenHeader } from '../seen.ts'
import { type VerifiedPatient, verifyPatient } from '../trust.ts'
import type { PatientStore, RecordFile } from './store.ts'
import { type RecordView, readView } from './view.ts'

/** What a session is made of; `PatientSession.resume` and `signIn` make one. */
export interface SessionParts {
  readonly home: PatientStore
  readonly record: RecordFile
  readonly trust: Trust
  readonly host: Host
  readonly clock: Clock
  readonly patient: VerifiedPatient
  readonly accountKey: AccountKey
  readonly sign: SigningKey
  readonly session: SessionId
  readonly seen: Seen
}

/**
 * A signed-in patient at a host: signs every request, says what was seen, and refuses what does not hold. The functions
 * of this folder (`giveGrant`, `listDocuments`, `readTrace`, …) take one.
 */
export class PatientSession {
  readonly #parts: SessionParts
  #accountKey: AccountKey
  #seen: Seen
  /** What the home has of it. */
  #kept: Seen
  #isOver = false
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#accountKey = parts.accountKey
    this.#seen = parts.seen
    this.#kept = parts.seen
  }

  /**
   * The session that the last sign-in left in this home folder. The host may have ended it since: the first request
   * then throws `StepError` `not-signed-in`, and so does this without a session.
   */
  static async resume(home: PatientStore, options: { readonly clock?: Clock } = {}): Promise<PatientSession> {
    const record = await home.requireRecord()
    const trust = await home.trust()
    const clock = clockFor(trust.anchors, options.clock)
    const file = await home.session()
    if (file === null) throw notSignedIn()
    const patient = await verifyPatient(trust, record.ins, record)
    const state = await verifyState(file.state, { deployment: trust.anchors.deployment, ...patient })
    const accountKey = wiping(fromBase64url(file.accountKey), AccountKey.parse)
    const sealed = fromBase64url(file.bundle)
    const { sign } = openBundle({ accountKey, sealed, ...patient, state: state.payload })
    const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
    const { session } = file
    return new PatientSession({
      home,
      record,
      trust,
      host,
      clock,
      patient,
      accountKey,
      sign,
      session,
      seen: await home.seen(),
    })
  }

  get home(): PatientStore {
    return this.#parts.home
  }
  get record(): RecordFile {
    return this.#parts.record
  }
  get trust(): Trust {
    return this.#parts.trust
  }
  get host(): Host {
    return this.#parts.host
  }
  get clock(): Clock {
    return this.#parts.clock
  }
  get patient(): VerifiedPatient {
    return this.#parts.patient
  }
  get sign(): SigningKey {
    return this.#parts.sign
  }
  get accountKey(): AccountKey {
    return this.#accountKey
  }
  /** What this client has verified; grows only. */
  get seen(): Seen {
    return this.#seen
  }

  /** Keeps what was verified, durably; what was kept already is not written again. */
  async see(seen: Seen): Promise<void> {
    this.#seen = seen
    if (isSame(this.#kept, seen)) return
    await this.#parts.home.saveSeen(seen)
    this.#kept = seen
  }

  /** Runs what goes on from what was seen and then says what is seen now: one at a time, so that none takes another back. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /** `/v1/records/{this record}` and what follows. */
  path(rest: string): string {
    return `/v1/records/${this.patient.recordId}${rest}`
  }

  /** How requests of this session are signed, and what they say was seen. */
  get signing(): { readonly signer: RequestSigner; readonly session: string; readonly seen: string } {
    const { patient, sign, session } = this.#parts
    return {
      signer: { keyId: `identity:${patient.identity.hash}`, key: sign },
      session,
      seen: seenHeader(this.#seen),
    }
  }

  /** Sends a request of this session. Throws as `Host.call`, and `StepError` `not-signed-in` when the session is over. */
  async call<T>(request: RequestOptions & { readonly answer: ZodType<T> }): Promise<T> {
    return this.#guarded(() => this.host.call({ ...request, ...this.signing }))
  }

  /** Runs something that sends requests of this session by itself (a document's body). Throws as `call`. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    return this.#guarded(work)
  }

  /** The record as it is now, checked against everything seen before. Throws as `readView`. */
  async view(): Promise<RecordView> {
    return this.alone(async () => {
      const answer = await this.call({ method: 'GET', path: this.path('/state'), answer: RecordState })
      const before = this.#seen
      const { view, seen } = await readView(answer, { ...this.#parts, accountKey: this.#accountKey, seen: before })
      // Receipts may have come meanwhile.
      await this.see({ ...seen, receipts: this.#seen.receipts })
      return view
    })
  }

  /**
   * Sends a write and checks its receipt, which is kept until its entry is found in the chain.
   * Throws as `call` and `checkReceipt`.
   */
  async write(
    request: Pick<RequestOptions, 'method' | 'path' | 'body'>,
    expected: Omit<ExpectedEvent, 'actor' | 'now'>,
  ) {
    const { receipt } = await this.call({ ...request, answer: Receipted })
    return this.keepReceipt(receipt, expected)
  }

  /** Checks a receipt that came with an answer and keeps it. Throws as `checkReceipt`. */
  async keepReceipt(text: string, expected: Omit<ExpectedEvent, 'actor' | 'now'>): Promise<VerifiedReceipt> {
    return (await this.keepReceipts([{ text, ...expected }]))[0] as VerifiedReceipt
  }

  /** The same for several, written down at once. */
  async keepReceipts(
    came: readonly ({ readonly text: string } & Omit<ExpectedEvent, 'actor' | 'now'>)[],
  ): Promise<VerifiedReceipt[]> {
    const actor = { kind: 'patient', id: this.patient.recordId } as const
    const receipts: VerifiedReceipt[] = []
    for (const { text, ...expected } of came) {
      receipts.push(await checkReceipt(text, this.trust, { ...expected, actor, now: this.clock() }))
    }
    const kept = receipts.map(({ payload: { entryHash, integrateBy } }, i) => {
      return { entryHash, integrateBy, text: came[i]?.text as string }
    })
    await this.see({ ...this.#seen, receipts: [...this.#seen.receipts, ...kept] })
    return receipts
  }

  /** Goes on under a new account key, which a change of state has brought; the one before is wiped. */
  async rekey(accountKey: AccountKey, sealed: { readonly state: string; readonly bundle: string }): Promise<void> {
    this.#accountKey.wipe()
    this.#accountKey = accountKey
    await this.home.saveSession({
      v: 1,
      session: this.#parts.session,
      accountKey: wiping(accountKey.bytes, toBase64url),
      ...sealed,
    })
  }

  /** Ends the session at the host and forgets its keys here, in this order; the second happens whatever the first does. */
  async end(): Promise<void> {
    try {
      await this.write({ method: 'POST', path: '/v1/sessions/end', body: {} }, { action: 'session.end' })
    } finally {
      this.#isOver = true
      await this.home.removeSession()
      this.accountKey.wipe()
      this.sign.wipe()
    }
  }

  /** Closes connections; the session goes on. */
  async close(): Promise<void> {
    await this.host.close()
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    // Its keys are wiped: nothing could be signed.
    if (this.#isOver) throw notSignedIn()
    try {
      return await work()
    } catch (error) {
      if (!HostRefusal.is(error, 'session-required')) throw error
      await this.home.removeSession()
      throw notSignedIn(error)
    }
  }
}

/** Whether nothing is new. The list of documents is long, and is another whenever one was added. */
function isSame(before: Seen, now: Seen): boolean {
  const { documents: known, ...rest } = before
  const { documents, ...others } = now
  return known === documents && JSON.stringify(rest) === JSON.stringify(others)
}

function notSignedIn(cause?: unknown): StepError {
  return new StepError('Nobody is signed in here, or the session ended: run "coffre patient sign-in"', {
    code: 'not-signed-in',
    ...(cause === undefined ? {} : { cause }),
  })
}
