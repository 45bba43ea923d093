// The Merkle tree of RFC 6962 §2.1 (the same as RFC 9162 §2.1): SHA-256, leaves prefixed with 0x00, nodes with 0x01.
//
// Sizes and indexes are JavaScript numbers, exact up to 2^53-1. They are halved by division, not by `>>`, which would
// cut them to 32 bits.
import { type Bytes, equal } from '../crypto/bytes.ts'
import { sha256, sha256Into } from '../crypto/hash.ts'
import { LogError } from './errors.ts'
import { type NodeReader, type NodeRef, type ProofStep, planConsistency, planInclusion, planRoot } from './tree-plan.ts'

/** Length of every hash here, in bytes. */
export const HASH_LENGTH = 32

/** No proof in a tree of at most 2^53-1 leaves is longer; C2SP tlog-witness allows 63 on the wire. */
export const MAX_PROOF_LENGTH = 63

const LEAF_PREFIX = Uint8Array.of(0)
const leafInput = new Uint8Array(1 + HASH_LENGTH)
const nodeInput = new Uint8Array(1 + 2 * HASH_LENGTH).fill(1, 0, 1)

/** The hash of a leaf: SHA-256(0x00 ‖ data). */
export function leafHash(data: Bytes): Bytes {
  if (data.length !== HASH_LENGTH) return sha256(LEAF_PREFIX, data)
  // The log's own leaves are hashes: one scratch buffer, as for nodes.
  leafInput.set(data, 1)
  return sha256(leafInput)
}

/** The same, written into `target` from `at` on. */
export function leafHashInto(data: Bytes, target: Bytes, at: number): void {
  if (data.length === HASH_LENGTH) {
    leafInput.set(data, 1)
    sha256Into(leafInput, target, at)
  } else target.set(leafHash(data), at)
}

/** The hash of a node: SHA-256(0x01 ‖ left ‖ right), both 32 bytes. */
export function nodeHash(left: Bytes, right: Bytes): Bytes {
  if (left.length !== HASH_LENGTH || right.length !== HASH_LENGTH) {
    throw new LogError(`A node joins two hashes of ${HASH_LENGTH} bytes, not ${left.length} and ${right.length}`, {
      code: 'tree-hash-malformed',
    })
  }
  // One scratch buffer for all: hashing is synchronous, and a big tree makes one node per leaf.
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + HASH_LENGTH)
  return sha256(nodeInput)
}

/** The root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Bytes {
  return sha256(new Uint8Array(0))
}

/** The hash a step stands for. */
export function foldStep(step: ProofStep, read: NodeReader): Bytes {
  let folded: Bytes | null = null
  for (let i = step.length - 1; i >= 0; i--) {
    const hash = read(step[i] as NodeRef)
    folded = folded === null ? hash : nodeHash(hash, folded)
  }
  return folded ?? emptyRoot()
}

/** The root over leaf hashes (`leafHash` of each leaf), in order. */
export function treeRoot(leafHashes: Iterable<Bytes>): Bytes {
  const tree = new TreeHead()
  for (const hash of leafHashes) tree.append(hash)
  return tree.root()
}

/**
 * The inclusion proof of leaf `index` in the tree of the first `size` leaves, from leaf hashes held in memory or from a
 * reader. Throws `LogError` `tree-range`.
 */
export function inclusionProof(source: readonly Bytes[] | NodeReader, index: number, size: number): Bytes[] {
  const read = readerOf(source)
  return planInclusion(index, size).map(step => foldStep(step, read))
}

/**
 * The consistency proof from the first `oldSize` leaves to the first `size`. Throws `LogError` `tree-range`
 * (from size 0 there is none).
 */
export function consistencyProof(source: readonly Bytes[] | NodeReader, oldSize: number, size: number): Bytes[] {
  const read = readerOf(source)
  return planConsistency(oldSize, size).map(step => foldStep(step, read))
}

/** What `verifyInclusion` compares. */
export interface InclusionClaim {
  /** `leafHash` of the leaf's data. */
  readonly leaf: Bytes
  readonly index: number
  readonly size: number
  readonly root: Bytes
  readonly proof: readonly Bytes[]
}

/**
 * Returns when the proof shows the leaf at that index under that root (RFC 9162 §2.1.3.2).
 * Throws `LogError` `inclusion-proof`, the claim as its evidence.
 */
export function verifyInclusion(claim: InclusionClaim): void {
  const { leaf, index, size, root, proof } = claim
  const refuse = (why: string): never => {
    throw new LogError(`Inclusion proof refused: ${why}`, { code: 'inclusion-proof', evidence: claim })
  }
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) {
    refuse(`leaf ${index} is not in a tree of ${size} leaves`)
  }
  if (proof.length > MAX_PROOF_LENGTH) refuse('it is too long')
  if (![leaf, ...proof].every(isHash)) refuse('a hash has not 32 bytes')
  let fn = index
  let sn = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (sn === 0) refuse('it is too long')
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash)
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = half(sn)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    fn = half(fn)
    sn = half(sn)
  }
  if (sn !== 0) refuse('it is too short')
  if (!equal(hash, root)) refuse('it leads to another root')
}

/** What `verifyConsistency` compares. */
export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Bytes
  readonly size: number
  readonly root: Bytes
  readonly proof: readonly Bytes[]
}

/**
 * Returns when the proof shows that the tree of `size` leaves extends the one of `oldSize` (RFC 9162 §2.1.4.2).
 * Throws `LogError` `consistency-proof`, the claim as its evidence; also for `oldSize` 0: everything extends the empty
 * tree, so asking is a mistake of the caller.
 */
export function verifyConsistency(claim: ConsistencyClaim): void {
  const { oldSize, oldRoot, size, root, proof } = claim
  const refuse = (why: string): never => {
    throw new LogError(`Consistency proof refused: ${why}`, { code: 'consistency-proof', evidence: claim })
  }
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > size) {
    refuse(`${size} leaves cannot be shown to extend ${oldSize}`)
  }
  if (proof.length > MAX_PROOF_LENGTH) refuse('it is too long')
  if (!proof.every(isHash)) refuse('a hash has not 32 bytes')
  if (oldSize === size) {
    if (proof.length > 0) refuse('one between equal sizes is empty')
    if (!equal(oldRoot, root)) refuse('two roots for the same size')
    return
  }
  if (!isHash(oldRoot) || !isHash(root)) refuse('a root has not 32 bytes')
  let fn = oldSize - 1
  let sn = size - 1
  while (fn % 2 === 1) {
    fn = half(fn)
    sn = half(sn)
  }
  // When the old size is a power of two its root is itself a node of the new tree, and the proof leaves it out.
  const path = fn === 0 ? [oldRoot, ...proof] : proof
  if (path.length === 0) refuse('it is too short')
  let oldHash = path[0] as Bytes
  let newHash = oldHash
  for (const hash of path.slice(1)) {
    if (sn === 0) refuse('it is too long')
    if (fn % 2 === 1 || fn === sn) {
      oldHash = nodeHash(hash, oldHash)
      newHash = nodeHash(hash, newHash)
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = half(sn)
      }
    } else {
      newHash = nodeHash(newHash, hash)
    }
    fn = half(fn)
    sn = half(sn)
  }
  if (sn !== 0) refuse('it is too short')
  if (!equal(oldHash, oldRoot)) refuse('it does not start from the old root')
  if (!equal(newHash, root)) refuse('it does not lead to the new root')
}

/** Told of each perfect subtree as it is completed: leaves (level 0) and nodes. The hash may be kept. */
export type NodeListener = (level: number, index: number, hash: Bytes) => void

/**
 * A tree that only grows, kept as the roots of its perfect subtrees (a compact range): at most 53 hashes, whatever its
 * size. For whoever computes roots over a stream of leaves: the integrator, a streaming auditor, a body's blocks.
 */
export class TreeHead {
  #size = 0
  /** Slot `level` holds the hash of the perfect subtree of 2^level leaves, meaningful when that bit of size is set. */
  readonly #slots: (Bytes | undefined)[] = []
  readonly #onNode: NodeListener | undefined

  constructor(onNode?: NodeListener) {
    this.#onNode = onNode
  }

  /**
   * The tree of `size` leaves from what `hashes` returned. Throws `LogError` `tree-range` or `tree-hash-malformed`.
   */
  static from(size: number, hashes: readonly Bytes[], onNode?: NodeListener): TreeHead {
    const plan = planRoot(size)
    if (plan.length !== hashes.length) {
      throw range(`A tree of ${size} leaves has ${plan.length} perfect subtrees, not ${hashes.length}`)
    }
    const tree = new TreeHead(onNode)
    tree.#size = size
    for (const [i, { level }] of plan.entries()) {
      const hash = hashes[i] as Bytes
      if (!isHash(hash)) throw new LogError('A hash has not 32 bytes', { code: 'tree-hash-malformed' })
      tree.#slots[level] = hash
    }
    return tree
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size
  }

  /** The roots of the perfect subtrees, largest first: the whole state. */
  get hashes(): Bytes[] {
    return planRoot(this.#size).map(({ level }) => this.#slots[level] as Bytes)
  }

  /** Adds one leaf by its hash (`leafHash` of its data), which the tree keeps. */
  append(hash: Bytes): void {
    if (!isHash(hash)) {
      throw new LogError(`A leaf hash has 32 bytes, not ${hash.length}`, { code: 'tree-hash-malformed' })
    }
    let level = 0
    let index = this.#size
    let node = hash
    this.#onNode?.(0, index, node)
    while (index % 2 === 1) {
      node = nodeHash(this.#slots[level] as Bytes, node)
      level++
      index = (index - 1) / 2
      this.#onNode?.(level, index, node)
    }
    this.#slots[level] = node
    this.#size++
  }

  /** The root of the leaves so far; SHA-256 of nothing when there are none. */
  root(): Bytes {
    return foldStep(planRoot(this.#size), ({ level }) => this.#slots[level] as Bytes)
  }
}

/**
 * The root of a perfect subtree whose `count` hashes (a power of two) lie one after the other in `bytes` from
 * `offset` (in bytes) on: how nodes are read out of a tile.
 */
export function perfectRoot(bytes: Bytes, offset: number, count: number): Bytes {
  // A copy: `slice` of a platform's Buffer would be the tile itself.
  const nodes = new Uint8Array(bytes.subarray(offset, offset + count * HASH_LENGTH))
  // Level by level in one array: of a tile there are 255 nodes, and no array is made for any of them.
  for (let width = count / 2; width >= 1; width /= 2) {
    for (let i = 0; i < width; i++) {
      for (let at = 0; at < 2 * HASH_LENGTH; at++) nodeInput[1 + at] = nodes[2 * HASH_LENGTH * i + at] as number
      sha256Into(nodeInput, nodes, HASH_LENGTH * i)
    }
  }
  return nodes.slice(0, HASH_LENGTH)
}

function readerOf(source: readonly Bytes[] | NodeReader): NodeReader {
  if (typeof source === 'function') return source
  const read = ({ level, index }: NodeRef): Bytes => {
    if (level > 0) {
      return nodeHash(read({ level: level - 1, index: 2 * index }), read({ level: level - 1, index: 2 * index + 1 }))
    }
    const hash = source[index]
    if (hash === undefined) throw range(`Leaf ${index} is not among the ${source.length} given`)
    return hash
  }
  return read
}

const half = (n: number): number => Math.floor(n / 2)
const isHash = (hash: Bytes): boolean => hash.length === HASH_LENGTH

function range(message: string): LogError {
  return new LogError(message, { code: 'tree-range' })
}
