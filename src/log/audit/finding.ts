/** What an audit can find. The table is the handbook's (docs/audit.md) and the program's help at once. */
import { toBase64url } from '../../crypto/bytes.ts'

/** What a finding is about; the program's exit code says which group it saw. */
export const FINDING_GROUPS = {
  integrity: 'entries, chains and statements',
  tree: 'tree, checkpoints, tiles, receipts',
  authority: 'the right behind an act',
  signatures: 'requests, keys and certificates',
  bodies: 'documents as stored',
  store: 'the store itself',
} as const
export type FindingGroup = keyof typeof FINDING_GROUPS

/** What is said of one kind of finding, beside the entry it was found at. */
export interface FindingKind {
  readonly group: FindingGroup
  /** What it means. */
  readonly means: string
  /** What to do about it. */
  readonly todo: string
}

const of = (group: FindingGroup, means: string, todo: string): FindingKind => ({ group, means, todo })

const COPY = 'Keep this copy as it is; compare it with a backup and with what the witnesses cosigned.'
const ASK_PARTY = 'Ask the person named for their own receipt or trace and compare it with the evidence.'
const HOST_MUST_EXPLAIN = 'Have the host explain this act; the evidence is enough to publish.'
const TELL_PATIENT = 'Tell the patient: somebody had what the patient did not give.'

/** Every kind of finding, by its stable code. */
export const FINDINGS = {
  'entry-form': of('integrity', 'An entry cannot be read: it is not two lines of the form that was agreed.', COPY),
  'entry-altered': of('integrity', 'An entry’s lines are not those that the store itself names by its hash.', COPY),
  'entry-removed': of('integrity', 'Entries are missing between two others.', COPY),
  'entry-duplicated': of('integrity', 'The same entry stands twice.', COPY),
  'entry-object': of('integrity', 'An entry says something else than the statements it names.', HOST_MUST_EXPLAIN),
  'chain-forked': of(
    'integrity',
    'One chain has two entries with one number: two histories of one record.',
    'Ask the patient which of the two was shown; keep both.',
  ),
  'chain-gap': of('integrity', 'A number is missing in a chain: an entry was taken out, or put elsewhere.', COPY),
  'chain-broken': of('integrity', 'An entry does not follow the one before it in its chain.', COPY),
  'clock-set-back': of(
    'integrity',
    'An entry is dated well before entries that are older than it.',
    'Ask the host for the log of its clock; judge terms of certificates and grants near it by hand.',
  ),
  'clock-ahead': of(
    'integrity',
    'An entry is dated after witnesses had cosigned a tree that holds it.',
    'Ask the host for the log of its clock; judge terms of certificates and grants near it by hand.',
  ),
  'tail-cut': of(
    'integrity',
    'The log signed a tree with more entries than there are here: its end was cut off.',
    `Refuse this store: it must not be served from. ${COPY}`,
  ),
  'record-unopened': of('integrity', 'A record’s chain does not begin with its opening.', HOST_MUST_EXPLAIN),
  'state-missing': of('integrity', 'A state that an entry brought into force is not in the store.', COPY),
  'state-broken': of(
    'integrity',
    'A state is not signed by the patient, or is not what its action may make of the one before.',
    TELL_PATIENT,
  ),
  'state-stale': of(
    'integrity',
    'An act was done under another state than the one in force: somebody was shown an old one.',
    HOST_MUST_EXPLAIN,
  ),
  'state-unlogged': of('integrity', 'The store holds a state that no entry brought into force.', TELL_PATIENT),
  'statement-missing': of('integrity', 'A statement that an entry or a state names is not in the store.', COPY),
  'statement-altered': of('integrity', 'A statement’s text is not the one that its hash names.', COPY),
  'statement-broken': of('integrity', 'A grant, placement or deposit is not signed by whom it must be.', TELL_PATIENT),
  'statement-unlogged': of(
    'integrity',
    'The store holds a statement (a key, a grant, a document …) that the log knows nothing of.',
    'Treat it as slipped in: no client should rely on it. Have the host explain it.',
  ),
  'tree-root': of('tree', 'A signed checkpoint is not the root of the entries.', COPY),
  'tree-forked': of(
    'tree',
    'A checkpoint that the log showed elsewhere is not of this tree: two parties were shown two logs.',
    'Publish both signed checkpoints: together they prove it.',
  ),
  'checkpoint-signature': of('tree', 'A checkpoint is not signed by the log as the policy asks.', COPY),
  'checkpoint-missing': of(
    'tree',
    'There is no published checkpoint.',
    'Ask the host for it, or for its newest backup.',
  ),
  'checkpoint-stale': of(
    'tree',
    'The published checkpoint is much older than the newest one: readers are shown the past.',
    'Have the host publish its newest checkpoint and explain what held it back.',
  ),
  'checkpoint-quorum': of(
    'tree',
    'Too few witnesses cosigned the published checkpoint: the end of the log rests on the host’s word.',
    'Ask the witnesses for the last tree that they cosigned and audit again with --checkpoint.',
  ),
  'tile-missing': of(
    'tree',
    'A tile of the published tree is missing.',
    'Have the host make its tiles again from the entries.',
  ),
  'tile-altered': of('tree', 'A tile or bundle is not what the entries give.', COPY),
  'not-integrated': of(
    'tree',
    'An entry is older than a checkpoint that should hold it, and is not in the tree.',
    'Have the host explain why its log stood still.',
  ),
  'erased-unlawfully': of(
    'integrity',
    'An event was erased without an order, without an entry that says so, or before its term.',
    `Treat what is gone as hidden: ask whoever keeps receipts or a trace of it. ${HOST_MUST_EXPLAIN}`,
  ),
  'receipt-not-honoured': of(
    'tree',
    'The host signed a receipt for an entry that is not in the tree.',
    'Publish the receipt and the checkpoint: together they prove it.',
  ),
  'no-grant': of('authority', 'A professional was served without a grant of the patient that covers it.', TELL_PATIENT),
  'served-after-mask': of(
    'authority',
    'A document was served after the patient had moved it out of reach.',
    TELL_PATIENT,
  ),
  'served-unknown': of('authority', 'A document was served that was never deposited.', HOST_MUST_EXPLAIN),
  'list-withheld': of(
    'authority',
    'A list did not hold the documents that were within reach, in their order.',
    'Tell the reader which documents were left out.',
  ),
  'refused-wrongly': of('authority', 'An act was refused although it was allowed.', HOST_MUST_EXPLAIN),
  'actor-wrong': of('authority', 'An act was done by somebody who may not do it at all.', TELL_PATIENT),
  'closing-broken': of(
    'authority',
    'Somebody was let into a record that its patient had closed, or a record was destroyed that was not closed.',
    TELL_PATIENT,
  ),
  'document-twice': of('authority', 'A document was deposited over another with the same id.', HOST_MUST_EXPLAIN),
  'epoch-stale': of(
    'authority',
    'A document was taken under an epoch that was not current: a revoked reader may hold its key.',
    TELL_PATIENT,
  ),
  'request-missing': of('signatures', 'There is no signed request behind an act.', HOST_MUST_EXPLAIN),
  'request-form': of('signatures', 'The request behind an act is not of the one form.', HOST_MUST_EXPLAIN),
  'request-signature': of('signatures', 'The request behind an act is not signed by who acted.', ASK_PARTY),
  'request-mismatch': of('signatures', 'The signed request asked for something else than the entry says.', ASK_PARTY),
  'request-time': of('signatures', 'The request was signed at another time than its entry says.', ASK_PARTY),
  'nonce-replayed': of('signatures', 'One signed request stands behind two entries.', ASK_PARTY),
  'seen-broken': of(
    'signatures',
    'Who signed a request had seen a log that is not this one.',
    'Ask that person for the checkpoint or receipt they keep: with this one it proves a fork.',
  ),
  'key-unknown': of('signatures', 'An act was signed by a key that was not published before.', ASK_PARTY),
  'key-refused': of('signatures', 'A published key is not one that a valid card vouches for.', ASK_PARTY),
  'key-expired': of('signatures', 'A key or its card was used outside its term.', ASK_PARTY),
  'key-withdrawn': of('signatures', 'A key was used after its holder had withdrawn it.', ASK_PARTY),
  'certificate-revoked': of('signatures', 'A card was used after a list that revokes it was known.', ASK_PARTY),
  'registration-broken': of(
    'signatures',
    'A registration is not the insurer’s, or was used when it could not be.',
    'Ask the insurer.',
  ),
  'identity-broken': of(
    'signatures',
    'A record’s identity does not come from the insurer’s registration: somebody may stand in the patient’s place.',
    'Stop the record; ask the insurer whom the letter went to.',
  ),
  'recovery-broken': of(
    'authority',
    'A new identity came in without the old one’s word, or by a recovery that does not hold, came too early or was stopped.',
    'Stop the record; ask the patient in person which identity is theirs.',
  ),
  'activation-broken': of('signatures', 'An activation is not signed by code and identity.', TELL_PATIENT),
  'body-altered': of(
    'bodies',
    'A stored body is not the one that its author signed.',
    'Restore it from a backup; its name is its root.',
  ),
  'body-missing': of(
    'bodies',
    'The body of a document is not in the store.',
    'Restore it from a backup; its name is its root.',
  ),
  'manifest-altered': of(
    'bodies',
    'A stored manifest is not the one that its author signed.',
    'Restore it from a backup.',
  ),
  'envelope-altered': of(
    'bodies',
    'A stored envelope is not the one that author or patient signed.',
    'Restore it from a backup; readers refuse this one.',
  ),
  'document-misplaced': of(
    'bodies',
    'The store has a document in another compartment than the patient put it, or a document that the log knows nothing of.',
    HOST_MUST_EXPLAIN,
  ),
  'store-unreadable': of(
    'store',
    'The store could not be read to its end: what comes after was not checked.',
    'Copy the store again, from a stopped host or by its backup, and audit the copy.',
  ),
} as const satisfies Record<string, FindingKind>
export type FindingCode = keyof typeof FINDINGS

/** Where something was found. */
export interface Place {
  readonly record?: string
  /** Number in the record's chain. */
  readonly n?: number
  /** Number among all entries, which is the index in the tree. */
  readonly seq?: number
}

/** The first of its kind that an audit came upon. */
export interface Finding extends Place {
  readonly code: FindingCode
  readonly group: FindingGroup
  /** What was found here, in one sentence. */
  readonly message: string
  /** What proves it: entries' lines, statements, checkpoints; public for the parties, free of INS and contents. */
  readonly evidence: unknown
  /** How many of this kind there are. */
  readonly count: number
}

/** Keeps the first finding of each kind, and counts the others: memory does not grow with what is wrong. */
export class Findings {
  readonly #found = new Map<FindingCode, { finding: Omit<Finding, 'count'>; count: number }>()
  /** While true nothing is added: what is gone through was found before, or by somebody else. */
  muted = false
  #added = 0

  /** How many were added in all. */
  get added(): number {
    return this.#added
  }

  add(code: FindingCode, message: string, place: Place = {}, evidence: unknown = null): void {
    if (this.muted) return
    this.#added++
    const known = this.#found.get(code)
    if (known !== undefined) {
      known.count++
      return
    }
    const { record, n, seq } = place
    const at = {
      ...(record !== undefined && { record }),
      ...(n !== undefined && { n }),
      ...(seq !== undefined && { seq }),
    }
    const { group } = FINDINGS[code]
    this.#found.set(code, { finding: { code, group, message, ...at, evidence: shown(evidence) }, count: 1 })
  }

  /** In the order in which they were found. */
  list(): Finding[] {
    return [...this.#found.values()].map(({ finding, count }) => ({ ...finding, count }))
  }
}

/**
 * What several parts of one audit found, as one list: of each kind the first entry and how many in all; in the order of
 * the groups, then of the entries.
 */
export function joinFindings(lists: readonly (readonly Finding[])[]): Finding[] {
  const joined = new Map<FindingCode, Finding>()
  for (const finding of lists.flat()) {
    const known = joined.get(finding.code)
    if (known === undefined) joined.set(finding.code, finding)
    else {
      const first = seqOf(finding) < seqOf(known) ? finding : known
      joined.set(finding.code, { ...first, count: known.count + finding.count })
    }
  }
  const order = Object.keys(FINDING_GROUPS)
  return [...joined.values()].sort(
    (a, b) => order.indexOf(a.group) - order.indexOf(b.group) || Math.sign(seqOf(a) - seqOf(b)) || 0,
  )
}

const seqOf = ({ seq }: Place): number => seq ?? Number.MAX_SAFE_INTEGER

/** Evidence as JSON can hold it: bytes as base64url. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64url(value)
  if (Array.isArray(value)) return value.map(shown)
  if (value instanceof Map) return shown([...value])
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shown(part)]))
}
