import { z } from 'zod'
import { toBase64url } from '../crypto/bytes.ts'
import { formatSeen } from '../log/seen.ts'
import { emptyRoot } from '../log/tree.ts'
import type { Verified } from '../log/verified.ts'
import type { SeenMarks } from '../protocol/bundle.ts'
import { DocumentId, Hash, Instant, StatementText } from '../protocol/ids.ts'
import type { State } from '../protocol/statements.ts'
import { VerificationError } from './errors.ts'

const counter = z
  .int()
  .min(0)
  .max(2 ** 40 - 1)

/**
 * Statements by their hash, and nothing under any other name: of a member "__proto__" the schema of a record would only
 * look away, and what was written would not be what is read.
 */
const StatementsByHash = z
  .custom<object>(value => typeof value === 'object' && value !== null && !Object.hasOwn(value, '__proto__'))
  .pipe(z.record(z.string().regex(/^[\w-]{43}$/), StatementText))

/** What a patient's client has verified and never goes back behind. Public for the patient; the file is 0600 all the same. */
export const Seen = z.strictObject({
  v: z.literal(1),
  /** The newest state: its number and its hash. */
  state: z.strictObject({ seq: counter, hash: Hash }).nullable(),
  /** The last entry of the own chain, with its lines: the next one is checked against it. */
  chain: z.strictObject({ n: counter, hash: Hash, link: z.string(), event: z.string() }).nullable(),
  /** The identity in force after that entry; left out in a file of before this was kept. */
  identity: Hash.optional(),
  /** An entry further on that another device had seen, until this one has met it in the chain. */
  awaited: z.strictObject({ n: counter, hash: Hash }).optional(),
  tree: z.strictObject({ size: counter, root: Hash }),
  /** The signed checkpoint that `tree` comes from: evidence, should the log ever fork from it. */
  checkpoint: z
    .string()
    .max(64 * 1024)
    .nullable(),
  /** Receipts whose entries were not yet seen in the chain. */
  receipts: z.array(z.strictObject({ entryHash: Hash, integrateBy: Instant, text: StatementText })).max(4096),
  /** Every grant ever seen in a state, by hash: what an entry's `grant` is held against. */
  grants: StatementsByHash,
  /** Every document that the chain says was deposited: none may be missing from a list. */
  documents: z
    .array(z.strictObject({ id: DocumentId, deposit: Hash, withdrawn: z.literal(true).optional() }))
    .max(1 << 20),
})
export type Seen = z.infer<typeof Seen>

/** A client that has seen nothing. */
export function nothingSeen(): Seen {
  return {
    v: 1,
    state: null,
    chain: null,
    tree: { size: 0, root: toBase64url(emptyRoot()) as Hash },
    checkpoint: null,
    receipts: [],
    grants: {},
    documents: [],
  }
}

/** The `coffre-seen` header of what was seen. */
export function seenHeader({ tree, chain }: Pick<Seen, 'tree' | 'chain'>): string {
  return formatSeen({ tree, ...(chain === null ? {} : { chain: { n: chain.n, hash: chain.hash } }) })
}

/** What goes into the next bundle; `seq` is that of the state that will carry it. */
export function marksOf({ tree, chain }: Pick<Seen, 'tree' | 'chain'>, seq: number): SeenMarks {
  return { seq, tree, chain: chain === null ? null : { n: chain.n, hash: chain.hash } }
}

/**
 * Takes a state's place in what was seen. Throws `VerificationError` `state-rolled-back` for a lower `seq` and
 * `state-forked` for another state of the same: the state seen before is named in the evidence.
 */
export function acceptState(seen: Seen, state: Verified<State>): Seen {
  const { seq } = state.payload
  const evidence = { seen: seen.state, served: state.text }
  if (seen.state !== null && seq < seen.state.seq) {
    throw new VerificationError(`The host serves state ${seq}, after state ${seen.state.seq} was seen: it is too old`, {
      code: 'state-rolled-back',
      evidence,
    })
  }
  if (seen.state !== null && seq === seen.state.seq && state.hash !== seen.state.hash) {
    throw new VerificationError(`The host serves another state ${seq} than the one seen before`, {
      code: 'state-forked',
      evidence,
    })
  }
  return { ...seen, state: { seq, hash: state.hash } }
}

/**
 * Holds what a bundle says its writer had seen against what this client has: the greater of the two counts. Only the
 * tree can be taken over at once; an entry of the chain that another device had seen is awaited when the chain is read.
 * Throws `VerificationError` `tree-forked` when both name the same size and not the same root, `chain-forked` when both
 * name the same entry and not the same hash.
 */
export function acceptMarks(seen: Seen, marks: SeenMarks): Seen {
  return acceptTree(acceptChain(seen, marks.chain), marks)
}

function acceptChain(seen: Seen, there: SeenMarks['chain']): Seen {
  if (there === null) return seen
  const here = [seen.chain, seen.awaited].find(mark => mark?.n === there.n)
  if (here?.hash !== undefined && here.hash !== there.hash) {
    throw new VerificationError('Two devices of this patient were shown different chains', {
      code: 'chain-forked',
      evidence: { here, there },
    })
  }
  return there.n <= Math.max(seen.chain?.n ?? -1, seen.awaited?.n ?? -1) ? seen : { ...seen, awaited: there }
}

function acceptTree(seen: Seen, marks: SeenMarks): Seen {
  if (marks.tree.size === seen.tree.size && marks.tree.root !== seen.tree.root) {
    throw new VerificationError('Two devices of this patient were shown different logs of one size', {
      code: 'tree-forked',
      evidence: { here: seen.tree, there: marks.tree },
    })
  }
  if (marks.tree.size <= seen.tree.size) return seen
  return { ...seen, tree: marks.tree, checkpoint: null }
}
