/** Verifies an exported trace offline, from the trust anchors alone: neither its host nor its patient is believed. */

import { fromBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { ChainWalk } from '../../log/chain-walk.ts'
import { requireQuorum, type VerifiedCheckpoint, verifyCheckpoint } from '../../log/checkpoint.ts'
import { type ChainedEntry, isErased, readEntry } from '../../log/entry.ts'
import { verifyPlacement } from '../../log/grant.ts'
import { verifyIdentity } from '../../log/identity.ts'
import { parseProof } from '../../log/proof.ts'
import { verifyRegistration } from '../../log/registration.ts'
import { setsMatch } from '../../log/sets.ts'
import { verifyState } from '../../log/state-chain.ts'
import { leafHash, verifyInclusion } from '../../log/tree.ts'
import type { Verified } from '../../log/verified.ts'
import { PublishedKey } from '../../protocol/directory.ts'
import type { CompartmentId, Hash } from '../../protocol/ids.ts'
import { ShownErasure } from '../../protocol/messages.ts'
import type { Identity } from '../../protocol/statements.ts'
import type { Trust } from '../anchors.ts'
import type { Clock } from '../clock.ts'
import { type AuthorKeys, verifyAuthor } from '../document/author.ts'
import { InputError, VerificationError } from '../errors.ts'
import { inOrder, type VerifiedPatient } from '../trust.ts'
import { ChainCheck, type CheckedEntry } from './chain-check.ts'
import { type ErasedPlace, Erasures } from './erasures.ts'
import { GrantBook } from './grant-book.ts'
import type { RecordFile } from './store.ts'
import { problemsOf, type TraceLine, traceLines } from './trace.ts'
import {
  CHECKPOINT_PATH,
  entryPath,
  erasurePath,
  grantPath,
  keyPath,
  PROOF_NAME,
  placementPath,
  RECORD_PATH,
  type TraceFolder,
  TraceRecord,
} from './trace-files.ts'

/** What a verified export says. */
export interface VerifiedTrace {
  readonly recordId: string
  readonly made: string
  readonly lines: readonly TraceLine[]
  readonly treeSize: number
  /** When a quorum of witnesses had cosigned it, RFC 3339. */
  readonly witnessedAt: string | null
  /** Of every line, with its number. */
  readonly problems: readonly string[]
}

interface Place {
  readonly trust: Trust
  readonly clock: Clock
}

/**
 * Checks that the export's entries are one unbroken chain from the record's opening, that each stands in the one
 * checkpoint, which log and a quorum of the anchors' witnesses signed, that every act is signed by who is said to have
 * acted, that each change is the patient's and the last one made the state shown, and that each act of others on
 * documents was under a grant. What fails of a single entry is a problem of its line; what breaks the chain is thrown.
 *
 * Throws `InputError` `trace-incomplete` for a file that is missing or not of its form; `VerificationError`
 * `record-identity`, `checkpoint-origin`, `trace-proof`, `erased-unlawfully`, `state-not-last`, `state-not-mine`, `state-broken`; `LogError`
 * (`chain-…`, `entry-form`, `inclusion-proof`, `checkpoint-…`, `registration-…`, `identity-…`); `CryptoError`.
 */
export async function verifyTraceExport(folder: TraceFolder, place: Place): Promise<VerifiedTrace> {
  const { trust } = place
  const record = parsed(await need(folder, RECORD_PATH), TraceRecord, RECORD_PATH)
  const patient = await patientOf(record, trust)
  const note = await need(folder, CHECKPOINT_PATH)
  const checkpoint = checkpointOf(note, place)
  const context = { deployment: trust.anchors.deployment, ...patient }
  const state = await verifyState(record.state, context)
  if (!setsMatch(state.payload, record.sets)) {
    throw new VerificationError('What stands behind the state’s roots is not what is shown', {
      code: 'record-state',
      evidence: { state: state.text, sets: record.sets },
    })
  }

  const check = new ChainCheck(
    { patient, record: { activation: await activationOf(record, trust) }, authors: authorsOf(folder, place) },
    { state: null },
  )
  const erasures = await erasuresOf(record, folder, place)
  const entries: CheckedEntry[] = []
  const erased: ErasedPlace[] = []
  const walk = new ChainWalk(null)
  for (let n = 0; n < record.entries; n++) {
    const entry = await entryOf(folder, n)
    walk.next(entry)
    if (entry.parsed.link.record !== patient.recordId) {
      throw new VerificationError('An entry of another chain is among them', { code: 'chain-other', evidence: entry })
    }
    const leaf = proveInTree(await need(folder, entryPath(n, PROOF_NAME)), { entry, note, checkpoint })
    if (isErased(entry)) erased.push({ entry, leaf, erasure: erasures.of(entry, leaf) })
    else entries.push(await check.next(entry))
  }
  if (check.identity !== patient.identity.hash) {
    throw new VerificationError('The chain does not bring in the identity that the export says is in force', {
      code: 'identity-unlogged',
      evidence: { chain: check.identity, identity: record.identity },
    })
  }
  if (check.state !== state.hash) {
    throw new VerificationError('The state shown is not the one that the chain ends in: entries are left out', {
      code: 'state-not-last',
      evidence: { chain: check.state, state: state.text },
    })
  }
  const { placements } = record.sets
  const book = new GrantBook({
    context,
    grantText: async hash => (/^[\w-]{43}$/.test(hash) ? folder.read(grantPath(hash)) : null),
    async placedIn(hash): Promise<CompartmentId | null> {
      if (!placements.includes(hash)) return null
      return (await verifyPlacement(await need(folder, placementPath(hash)), context)).payload.to
    },
    masked: record.masked,
  })
  const lines = await traceLines({ entries, erased }, book)
  const { witnessedAt } = checkpoint
  return {
    recordId: patient.recordId,
    made: record.made,
    lines,
    treeSize: checkpoint.checkpoint.size,
    witnessedAt: witnessedAt === null ? null : new Date(witnessedAt * 1000).toISOString(),
    problems: problemsOf(lines),
  }
}

/** From the insurer's key on, whoever the person is: the INS is not in an export. */
async function patientOf(record: TraceRecord, trust: Trust): Promise<VerifiedPatient> {
  const { deployment } = trust.anchors
  const { insurerKey } = trust
  const identities: Verified<Identity>[] = []
  for (const { registration: letter, identity } of [...(record.earlier ?? []), record]) {
    const registration = await verifyRegistration(letter, { insurerKey, deployment, purpose: 'opening' })
    identities.push(await verifyIdentity(identity, { registration }))
  }
  const patient = inOrder(identities, record.recordId)
  if (patient !== null && record.deployment === deployment) return patient
  throw new VerificationError('The export is of another record, or of another deployment, than its identity opened', {
    code: 'record-identity',
    evidence: { identity: record.identity, recordId: record.recordId, deployment: record.deployment },
  })
}

async function activationOf({ activation }: TraceRecord, trust: Trust): Promise<RecordFile['activation']> {
  if (activation === null) return null
  const { insurerKey, anchors } = trust
  const { deployment } = anchors
  const { hash, payload } = await verifyRegistration(activation, { insurerKey, deployment, purpose: 'activation' })
  return { registration: hash, key: payload.key }
}

function checkpointOf(note: string, { trust, clock }: Place): VerifiedCheckpoint {
  const verified = verifyCheckpoint(note, trust.policy, Math.floor(clock().getTime() / 1000))
  requireQuorum(verified)
  if (verified.checkpoint.origin === trust.anchors.origin) return verified
  throw new VerificationError('The checkpoint is of another log than the one of the anchors', {
    code: 'checkpoint-origin',
    evidence: { checkpoint: note },
  })
}

async function erasuresOf({ erasures = [] }: TraceRecord, folder: TraceFolder, place: Place): Promise<Erasures> {
  const lawful = new Erasures(place)
  for (const order of erasures) {
    const path = erasurePath(order)
    await lawful.add(parsed(await need(folder, path), ShownErasure, path))
  }
  return lawful
}

async function entryOf(folder: TraceFolder, n: number): Promise<ChainedEntry> {
  const [link, event] = [await need(folder, entryPath(n, 'link')), await need(folder, entryPath(n, 'event'))]
  return readEntry({ link, event })
}

/** All proofs of an export lead to its one checkpoint, whose signatures are then verified once. Gives the entry's leaf. */
function proveInTree(
  text: string,
  { entry, note, checkpoint }: { entry: ChainedEntry; note: string; checkpoint: VerifiedCheckpoint },
): number {
  const { index, proof, checkpoint: own } = parseProof(text)
  if (own !== note) {
    throw new VerificationError(`The proof of entry ${entry.parsed.link.n} is of another checkpoint`, {
      code: 'trace-proof',
      evidence: { proof: text, checkpoint: note },
    })
  }
  const { size, root } = checkpoint.checkpoint
  verifyInclusion({ leaf: leafHash(fromBase64url(entry.hash)), index, size, root, proof })
  return index
}

function authorsOf(folder: TraceFolder, { trust, clock }: Place): AuthorKeys {
  const known = new Map<Hash, PublishedKey>()
  return async (hash, at) => {
    let key = known.get(hash)
    if (key === undefined) {
      key = parsed(await need(folder, keyPath(hash)), PublishedKey, keyPath(hash))
      known.set(hash, key)
    }
    return verifyAuthor(trust, key, { hash, at, now: clock() })
  }
}

async function need(folder: TraceFolder, path: string): Promise<string> {
  const text = await folder.read(path)
  if (text !== null) return text
  throw new InputError(`${path} is missing from this export`, { code: 'trace-incomplete' })
}

function parsed<T>(
  text: string,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  path: string,
): T {
  try {
    const result = schema.safeParse(JSON.parse(text))
    if (result.success) return result.data
  } catch (cause) {
    if (CoffreError.is(cause)) throw cause
  }
  throw new InputError(`${path} of this export is not of its form`, { code: 'trace-incomplete' })
}
