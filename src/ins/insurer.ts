/**
 * The insurer's acts. The order of each is what keeps two letters two barriers and no code anywhere but on paper:
 *
 * 1. code and registration are made; 2. the letter is on disk; 3. the ledger says so; 4. the host is told. A crash
 * between 2 and 3 leaves a letter whose code was never registered: `strayLetters` finds it, it opens nothing and is to
 * be destroyed. A crash between 3 and 4 is made good by the next `send`, which the host takes once.
 */
import { closeSync, fsyncSync, openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../client/http.ts'
import { fromBase64url } from '../crypto/bytes.ts'
import { CoffreError } from '../crypto/errors.ts'
import type { SigningKey } from '../crypto/sign.ts'
import { recordIdOf, verifyIdentity } from '../log/identity.ts'
import { INSURER_KEY_ID, verifyRegistration } from '../log/registration.ts'
import { letterPdf } from '../paper/letter.ts'
import type { DeploymentId, Hash, Ins, Instant, RecordId } from '../protocol/ids.ts'
import { Openings, RegistrationImported } from '../protocol/messages.ts'
import type { Registration } from '../protocol/statements.ts'
import type { PersonLine } from './certified-list.ts'
import type { Ledger, LedgerEntry } from './insurer-ledger.ts'
import { mailedLetter, type Sender } from './letter.ts'
import { issueRegistration } from './registration.ts'
import { syncFolder } from './secret-file.ts'

/** The insurer refuses to issue. Codes `not-opened`, `opening-refused`, `already-opened`, `host-answer`. */
class InsurerError extends CoffreError {}

/** One opening as the host tells of it. */
export interface HostOpening {
  readonly cursor: number
  readonly registration: Hash
  readonly identity: string
  readonly recordId: RecordId
  readonly t: Instant
}

/** What an insurer works with. */
export interface InsurerOptions {
  readonly ledger: Ledger
  readonly key: SigningKey
  readonly deployment: DeploymentId
  readonly sender: Sender
  /** Folder of the letters; it holds codes until they are printed and mailed, so it is the printer's and nobody else's. */
  readonly letters: string
  readonly clock: () => Date
}

/** What came of asking for a letter: made now, or there already. */
export interface IssuedLetter {
  readonly ins: Ins
  readonly registration: Hash
  readonly letter: string
  readonly expiresAt: Instant
  readonly made: boolean
}

/** What came of one opening. */
export type CheckedOpening =
  | { readonly registration: Hash; readonly ins: Ins; readonly recordId: string }
  | { readonly registration: Hash; readonly refusal: CoffreError }

/** Issues letters, watches openings. */
export class Insurer {
  readonly #options: InsurerOptions

  constructor(options: InsurerOptions) {
    this.#options = options
  }

  /**
   * Makes code, registration and letter for one person. While an earlier letter still holds, nothing is made; `again`
   * makes one that supersedes it (lost, stolen). Activation letters need an opening that was seen and verified.
   * Throws `InsurerError` `not-opened`, `opening-refused` or `already-opened`, and `ListError` from the letter.
   */
  async issue(
    person: PersonLine,
    { purpose, again = false }: { readonly purpose: Registration['purpose']; readonly again?: boolean },
  ): Promise<IssuedLetter> {
    const { ledger, key, deployment, sender, letters, clock } = this.#options
    const { ins, recipient } = person
    const now = clock()
    const before = ledger.latest(ins, purpose)
    this.#mayIssue({ ins, purpose, again })
    // An opening letter that ran out unused is followed by another; whether an activation was used is not ours to know.
    const holds = purpose === 'activation' || (before !== null && Date.parse(before.expiresAt) > now.getTime())
    if (before !== null && holds && !again && !before.refused) {
      return { ins, registration: before.hash, letter: before.letter, expiresAt: before.expiresAt, made: false }
    }
    const issued = await issueRegistration({ insurer: key, deployment, ins, purpose, now, supersedes: before?.hash })
    const { code, hash, payload } = issued
    const expiresAt = payload.expiresAt
    const content = mailedLetter({ recipient, sender, purpose, code, ins, expiresAt: new Date(expiresAt), now })
    const letter = letterName(purpose, hash)
    writeLetter(letters, letter, await letterPdf(content))
    const t = now.toISOString() as Instant
    ledger.append({ event: 'issued', t, hash, purpose, expiresAt, letter, import: issued.import })
    return { ins, registration: hash, letter, expiresAt, made: true }
  }

  /** Registrations that the host has not acknowledged. */
  unsent(): LedgerEntry[] {
    return [...this.#options.ledger.entries()].filter(entry => !entry.taken)
  }

  /**
   * Sends every registration that the host has not acknowledged; again and again does no harm. Throws what `Host.call`
   * throws, and `InsurerError` `host-answer` when the host names another registration than the one it was given.
   */
  async send(host: Pick<Host, 'call'>): Promise<Hash[]> {
    const { ledger, clock } = this.#options
    const sent: Hash[] = []
    for (const entry of this.unsent()) {
      const path = '/v1/registrations'
      const answer = await host.call({ method: 'POST', path, body: entry.import, answer: RegistrationImported })
      if (answer.registration !== entry.hash) {
        throw new InsurerError('The host acknowledged another registration than the one it was given', {
          code: 'host-answer',
        })
      }
      ledger.append({ event: 'taken', t: clock().toISOString() as Instant, hash: entry.hash })
      sent.push(entry.hash)
    }
    return sent
  }

  /** Asks the host for openings since the last time and checks each; what does not hold is kept with its evidence. */
  async receiveOpenings(host: Pick<Host, 'call'>): Promise<CheckedOpening[]> {
    const { ledger, key } = this.#options
    const checked: CheckedOpening[] = []
    for (;;) {
      const page = await host.call({
        method: 'POST',
        path: '/v1/openings',
        body: { after: ledger.cursor },
        answer: Openings,
        signer: { keyId: INSURER_KEY_ID, key },
      })
      if (page.openings.length === 0) return checked
      for (const opening of page.openings) {
        if (opening.cursor <= ledger.cursor) {
          throw new InsurerError('The host gives openings that it gave before; ask its operator', {
            code: 'host-answer',
          })
        }
        checked.push(await this.takeOpening(opening))
        ledger.append({ event: 'cursor', cursor: opening.cursor })
      }
    }
  }

  /**
   * Checks one opening: own registration, for an opening, of that INS; identity signed by the mailed code's key and by
   * itself; record id as it follows from the identity. A second identity under the same registration is refused and
   * spoils the first: no activation letter until the insurer supersedes the registration.
   */
  async takeOpening(opening: HostOpening): Promise<CheckedOpening> {
    const { ledger, clock } = this.#options
    const t = clock().toISOString() as Instant
    const { registration: hash } = opening
    const entry = ledger.find(hash)
    if (entry === null) {
      return { registration: hash, refusal: refused('This opening names a registration that is not in the ledger') }
    }
    try {
      const { recordId, identity } = await this.#verifyOpening(opening, entry)
      if (entry.opened !== null && entry.opened.identity !== identity) {
        throw refused('Two identities were opened with one code: call the person before anything else')
      }
      if (entry.opened === null) ledger.append({ event: 'opened', t, hash, recordId, identity })
      return { registration: hash, ins: entry.ins, recordId }
    } catch (error) {
      if (!(error instanceof CoffreError)) throw error
      ledger.append({ event: 'refused', t, hash, code: error.code, evidence: opening.identity })
      return { registration: hash, refusal: error }
    }
  }

  async #verifyOpening(opening: HostOpening, entry: LedgerEntry) {
    const { key, deployment } = this.#options
    const registration = await verifyRegistration(entry.import.registration, {
      insurerKey: key.verifyKey,
      deployment,
      purpose: 'opening',
      person: { ins: entry.ins, salt: fromBase64url(entry.import.salt) },
      usedAt: new Date(opening.t),
    })
    const identity = await verifyIdentity(opening.identity, { registration })
    // A later identity of the same record (lost kit and devices) keeps the record id of the first.
    if (identity.payload.prevIdentity === null && recordIdOf(identity) !== opening.recordId) {
      throw refused('The host names another record than the one this identity makes')
    }
    return { recordId: opening.recordId, identity: identity.hash }
  }

  /** Persons whose opening was verified and who were not sent an activation letter. */
  awaitingActivation(): Ins[] {
    const { ledger } = this.#options
    const waiting = new Set<Ins>()
    for (const { ins, purpose } of ledger.entries()) {
      const opening = ledger.latest(ins, 'opening')
      if (purpose !== 'opening' || !opening?.opened || opening.refused) continue
      if (ledger.latest(ins, 'activation') === null) waiting.add(ins)
    }
    return [...waiting]
  }

  /** Letters in the folder that the ledger does not know: their codes open nothing, destroy them. */
  strayLetters(): string[] {
    const known = new Set([...this.#options.ledger.entries()].map(({ letter }) => letter))
    const names = readdirSync(this.#options.letters)
    return names.filter(name => /^(opening|activation)-[A-Za-z0-9_-]{16}\.pdf$/.test(name) && !known.has(name))
  }

  #mayIssue({ ins, purpose, again }: { ins: Ins; purpose: Registration['purpose']; again: boolean }): void {
    const opening = this.#options.ledger.latest(ins, 'opening')
    if (purpose === 'opening') {
      if (opening === null || opening.opened === null || opening.refused || again) return
      throw new InsurerError('This person has opened the record already; ask for --again if kit and devices are lost', {
        code: 'already-opened',
      })
    }
    if (opening?.refused) {
      throw new InsurerError(
        'What the host told of this opening does not hold: look into the ledger, call the person',
        {
          code: 'opening-refused',
        },
      )
    }
    if (!opening?.opened) {
      throw new InsurerError('No activation letter before the record was opened: wait for the person, then ask again', {
        code: 'not-opened',
      })
    }
  }
}

function refused(message: string): InsurerError {
  return new InsurerError(message, { code: 'opening-refused' })
}

/** Neither name nor INS: whoever sees a folder's names learns nothing of a person. */
function letterName(purpose: Registration['purpose'], hash: Hash): string {
  return `${purpose}-${hash.slice(0, 16)}.pdf`
}

function writeLetter(folder: string, name: string, content: Uint8Array): void {
  const file = openSync(join(folder, name), 'wx', 0o600)
  try {
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncFolder(folder)
}
