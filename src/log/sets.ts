import { equal, fromBase64url, lp, randomBytes, toBase64url, u64be, utf8 } from '../crypto/bytes.ts'
import { hmacSha256, sha256 } from '../crypto/hash.ts'
import type { Hash } from '../protocol/ids.ts'
import type { SetName, SetProof, Slot, StateSets } from '../protocol/record.ts'
import type { State } from '../protocol/statements.ts'
import { LogError } from './errors.ts'
import { inclusionProof, leafHash, treeRoot, verifyInclusion } from './tree.ts'

/** The five roots of a state. */
export type Roots = Pick<State, 'grantsRoot' | 'delegationsRoot' | 'blockedRoot' | 'devicesRoot' | 'placementsRoot'>

const MIN_LEAVES = 16

/** A fresh seed for the sets of a new state, base64url of 32 bytes. */
export function freshSeed(): string {
  return toBase64url(randomBytes(32))
}

/** The roots that a state must carry for these sets (docs/protocol/state.md). */
export function rootsOf(sets: StateSets): Roots {
  const root = (set: SetName) => toBase64url(treeRoot(leavesOf(sets, set))) as Hash
  return {
    grantsRoot: root('grants'),
    delegationsRoot: root('delegations'),
    blockedRoot: root('blocked'),
    devicesRoot: root('devices'),
    placementsRoot: root('placements'),
  }
}

/** The proof that `content` stands in a set. Throws `LogError` `set-absent` when it does not. */
export function proveLeaf(sets: StateSets, set: SetName, content: string): SetProof {
  const index = (sets[set] as readonly string[]).indexOf(content)
  if (index < 0) throw new LogError(`That is not in the set ${set}`, { code: 'set-absent' })
  const leaves = leavesOf(sets, set)
  return {
    set,
    index,
    size: leaves.length,
    salt: toBase64url(saltOf(sets, set, index)),
    path: inclusionProof(leaves, index, leaves.length).map(hash => toBase64url(hash) as Hash),
  }
}

/** Does the proof show `content` in the set under the state's root? */
export function verifyLeaf(state: Roots, proof: SetProof, content: string): boolean {
  const { index, size, salt, path, set } = proof
  if (Math.log2(size) % 1 !== 0) return false
  const leaf = leafHash(leafData(fromBase64url(salt), set, content))
  const root = fromBase64url(state[`${set}Root`])
  try {
    verifyInclusion({ leaf, index, size, root, proof: path.map(fromBase64url) })
    return true
  } catch (error) {
    if (LogError.is(error, 'inclusion-proof')) return false
    throw error
  }
}

/** Are these the sets behind the state's roots? */
export function setsMatch(state: Roots, sets: StateSets): boolean {
  const roots = rootsOf(sets)
  return (Object.keys(roots) as (keyof Roots)[]).every(name =>
    equal(fromBase64url(roots[name]), fromBase64url(state[name])),
  )
}

/** What stands in the set `devices` for a key slot (docs/protocol/slot.md). */
export function slotLeaf({ slotId, kind, accountKeyVersion, parameters, wrapped }: Slot): Hash {
  const fields = [fromBase64url(slotId), kind, u64be(accountKeyVersion), parameters, fromBase64url(wrapped)] as const
  return toBase64url(sha256(lp('coffre/v1/slot-leaf', ...fields))) as Hash
}

function leavesOf(sets: StateSets, set: SetName): Uint8Array[] {
  const contents = sets[set] as readonly string[]
  const size = Math.max(MIN_LEAVES, 2 ** Math.ceil(Math.log2(contents.length || 1)))
  return Array.from({ length: size }, (_, index) => {
    const salt = saltOf(sets, set, index)
    const content = contents[index]
    return leafHash(content === undefined ? lp('coffre/v1/padding-leaf', salt) : leafData(salt, set, content))
  })
}

function leafData(salt: Uint8Array, set: SetName, content: string): Uint8Array {
  return lp('coffre/v1/leaf', salt, set === 'blocked' ? utf8(content) : fromBase64url(content))
}

function saltOf({ seed }: StateSets, set: SetName, index: number): Uint8Array {
  return hmacSha256(fromBase64url(seed), lp('coffre/v1/leaf-salt', set, u64be(index)))
}
