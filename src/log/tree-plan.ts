// Which subtrees a root or a proof of RFC 6962 §2.1 is folded from: names alone, no hash. A plan tells all that has to be
// read before anything is read, so that a reader over a network can fetch it at once.
import type { Bytes } from '../crypto/bytes.ts'
import { LogError } from './errors.ts'

/**
 * A perfect subtree: the 2^level leaves from `index` × 2^level on. Level 0 is the leaf itself.
 */
export interface NodeRef {
  readonly level: number
  readonly index: number
}

/** Gives the hash of a perfect subtree which lies wholly inside the tree. */
export type NodeReader = (node: NodeRef) => Bytes

/**
 * One hash of a proof, as the perfect subtrees it is folded from, left to right (largest first).
 */
export type ProofStep = readonly NodeRef[]

/** The subtrees whose hashes fold into the root of a tree of `size` leaves. Empty for size 0. */
export function planRoot(size: number): ProofStep {
  checkSize(size)
  return coverRange(0, size)
}

/**
 * The steps of PATH(index, D[0:size]) of RFC 6962 §2.1.1, the leaf's sibling first.
 * Throws `LogError` `tree-range` unless 0 ≤ index < size.
 */
export function planInclusion(index: number, size: number): ProofStep[] {
  checkSize(size)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw range(`Leaf ${index} is not in a tree of ${size} leaves`)
  }
  const steps: ProofStep[] = []
  let low = 0
  let high = size
  while (high - low > 1) {
    const middle = low + splitPoint(high - low)
    if (index < middle) {
      steps.push(coverRange(middle, high))
      high = middle
    } else {
      steps.push(coverRange(low, middle))
      low = middle
    }
  }
  return steps.reverse()
}

/**
 * The steps of PROOF(oldSize, D[0:size]) of RFC 6962 §2.1.2. Empty when both sizes are equal.
 * Throws `LogError` `tree-range` unless 1 ≤ oldSize ≤ size: everything extends the empty tree.
 */
export function planConsistency(oldSize: number, size: number): ProofStep[] {
  checkSize(size)
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > size) {
    throw range(`There is no consistency proof from ${oldSize} to ${size} leaves`)
  }
  const steps: ProofStep[] = []
  let low = 0
  let high = size
  // RFC 6962's flag b: whether the old tree's root, which the verifier knows, is still the whole of what is left.
  let known = true
  while (oldSize < high) {
    const middle = low + splitPoint(high - low)
    if (oldSize <= middle) {
      steps.push(coverRange(middle, high))
      high = middle
    } else {
      steps.push(coverRange(low, middle))
      low = middle
      known = false
    }
  }
  if (!known) steps.push(coverRange(low, high))
  return steps.reverse()
}

/** The perfect subtrees that cover [low, high), which is a subtree of RFC 6962's recursion: largest first. */
function coverRange(low: number, high: number): NodeRef[] {
  const nodes: NodeRef[] = []
  let at = low
  while (at < high) {
    const level = Math.floor(Math.log2(high - at))
    // log2 rounds: near 2^53 it may give one too much.
    const fitting = 2 ** level > high - at ? level - 1 : level
    nodes.push({ level: fitting, index: at / 2 ** fitting })
    at += 2 ** fitting
  }
  return nodes
}

/** The largest power of two below `count` (RFC 6962's k), for `count` ≥ 2. */
function splitPoint(count: number): number {
  const power = 2 ** Math.floor(Math.log2(count))
  if (power > count) return power / 2
  return power === count ? power / 2 : power
}

function checkSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw range('A tree size is an integer 0..2^53-1')
}

function range(message: string): LogError {
  return new LogError(message, { code: 'tree-range' })
}
