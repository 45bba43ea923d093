import { grantedTo, verifyGrant } from '../../log/grant.ts'
import type { Verified } from '../../log/verified.ts'
import type { Event } from '../../protocol/entry.ts'
import type { GrantId, Hash } from '../../protocol/ids.ts'
import type { Grant, Right } from '../../protocol/statements.ts'
import { VerificationError } from '../errors.ts'
import { readWholeChain } from './chain.ts'
import type { CheckedEntry } from './chain-check.ts'
import type { PatientSession } from './session.ts'
import { compartmentOf, type RecordView } from './view.ts'

/** One line of the trace. */
export interface TraceLine {
  readonly n: number
  readonly t: string
  /** In words: from the card for professionals and establishments. */
  readonly who: string
  readonly actor: Event['actor']
  readonly action: Event['action']
  readonly object: Event['object']
  readonly outcome: Event['outcome']
  /** What does not hold of this entry; empty when all does. */
  readonly problems: readonly string[]
}

/** The whole trace of a record, verified. */
export interface Trace {
  readonly lines: readonly TraceLine[]
  /** Size of the witnessed tree in which every entry stands. */
  readonly treeSize: number
  readonly witnesses: readonly string[]
  /** When a quorum of them had cosigned it, RFC 3339; null without one. */
  readonly witnessedAt: string | null
  /** Number of the state in force. */
  readonly seq: number
  readonly warnings: readonly string[]
  /** Every problem of every line, with its number. Somebody must look into each. */
  readonly problems: readonly string[]
}

/**
 * Reads and verifies the whole trace: the chain from its first entry, every entry in a witnessed tree that extends what
 * was seen before, every state mine and the last one the state in force, every act signed by who is said to have acted,
 * and every act of a professional on documents under a grant of mine that was in force.
 * Throws as `readWholeChain`, `PatientSession.view`; `VerificationError` `state-not-last`.
 */
export async function readTrace(session: PatientSession): Promise<Trace> {
  let followed = await readWholeChain(session)
  let view = await session.view()
  if (lastState(followed.entries) !== view.state.hash) {
    // Another device may have made a change between the two requests: look again, once.
    followed = await readWholeChain(session)
    view = await session.view()
  }
  checkLastState(session, followed.entries, view.state)
  const grants = await new GrantBook(session, view).judge(followed.entries)
  const lines = followed.entries.map(({ entry, who, problems }, index): TraceLine => {
    const { link, event } = entry.parsed
    const { t, actor, action, object, outcome } = event
    const unauthorised = grants[index] ?? null
    return {
      n: link.n,
      t,
      who,
      actor,
      action,
      object,
      outcome,
      problems: unauthorised === null ? problems : [...problems, unauthorised],
    }
  })
  const { witnessedAt, witnesses, tree } = followed.log
  return {
    lines,
    treeSize: tree.size,
    witnesses,
    witnessedAt: witnessedAt === null ? null : new Date(witnessedAt * 1000).toISOString(),
    seq: view.state.payload.seq,
    warnings: followed.warnings,
    problems: lines.flatMap(({ n, action, problems }) => problems.map(problem => `entry ${n} (${action}): ${problem}`)),
  }
}

function lastState(entries: readonly CheckedEntry[]): string | null {
  return entries.at(-1)?.entry.parsed.event.state ?? null
}

function checkLastState(
  session: PatientSession,
  entries: readonly CheckedEntry[],
  state: { readonly hash: string; readonly text: string },
): void {
  const last = lastState(entries)
  if (last === state.hash) return
  throw new VerificationError('The state that the host serves is not the one that the chain ends in', {
    code: 'state-not-last',
    evidence: { chain: last, state: state.text, seen: session.seen.state },
  })
}

/** Follows which grants were in force and where documents lay, entry by entry, as far as this client knows their texts. */
class GrantBook {
  readonly #session: PatientSession
  readonly #view: RecordView
  readonly #ended = new Set<GrantId>()
  /** By document; null where a placement that is in force no more has put it. */
  readonly #lies = new Map<unknown, unknown>()

  constructor(session: PatientSession, view: RecordView) {
    this.#session = session
    this.#view = view
  }

  /** For each entry: null, or why the grant it relies on did not allow it. */
  async judge(entries: readonly CheckedEntry[]): Promise<(string | null)[]> {
    const verdicts: (string | null)[] = []
    for (const { entry } of entries) verdicts.push(await this.#one(entry.parsed.event))
    return verdicts
  }

  async #one({ action, actor, object, outcome, grant, t }: Event): Promise<string | null> {
    if (outcome !== 'ok') return null
    if (action === 'document.mask' || action === 'document.unmask') {
      const put = this.#view.placements.get(object.placement as Hash)?.payload.to
      this.#lies.set(
        object.document,
        put ?? (action === 'document.mask' ? compartmentOf(this.#view, 'masked').id : null),
      )
      return null
    }
    if (action === 'grant.revoke') {
      const revoked = await this.#known(object.grant)
      if (revoked !== null) this.#ended.add(revoked.payload.grantId)
      return null
    }
    if (actor.kind !== 'professional' && actor.kind !== 'establishment') return null
    if (!action.startsWith('document.')) return null
    if (grant === null) return 'no grant: nobody allowed this'
    const relied = await this.#known(grant)
    if (relied === null) return 'no grant: this client never saw the one it names'
    const { kind, id } = actor
    if (!grantedTo(relied.payload, { kind, id, at: new Date(t) }))
      return 'no grant: it was given to another, or was over'
    if (action === 'document.deposit') {
      this.#lies.set(object.document, object.compartment)
      if (!may(relied.payload, 'deposit', object.compartment)) return 'no grant: not for depositing there'
    }
    const lies = this.#lies.get(object.document)
    if (action === 'document.read' && lies !== null && !may(relied.payload, 'read', lies)) {
      return 'no grant: not for reading where the document lay'
    }
    return this.#ended.has(relied.payload.grantId) ? 'no grant: it had been taken back' : null
  }

  async #known(hash: unknown): Promise<Verified<Grant> | null> {
    const { grants } = this.#session.seen
    const text = typeof hash === 'string' && Object.hasOwn(grants, hash) ? grants[hash] : undefined
    if (text === undefined) return null
    const { patient, trust } = this.#session
    return verifyGrant(text, { deployment: trust.anchors.deployment, ...patient })
  }
}

function may({ compartments }: Grant, right: Right, compartment: unknown): boolean {
  return compartments.some(({ id, rights }) => id === compartment && rights.includes(right))
}
