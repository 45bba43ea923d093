import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { sha256 } from '../../src/crypto/hash.ts'
import { LogError } from '../../src/log/errors.ts'
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  nodeHash,
  TreeHead,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../src/log/tree.ts'

const VECTORS = join(import.meta.dirname, '../vectors/merkle')

function vectors(folder: string): Record<string, unknown>[] {
  return readdirSync(join(VECTORS, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.json'))
    .map(name => JSON.parse(readFileSync(join(VECTORS, folder, name), 'utf8')))
}

const bytes = (base64: unknown): Uint8Array => Uint8Array.fromBase64(base64 as string)
const proofOf = (proof: unknown): Uint8Array[] => ((proof as string[] | null) ?? []).map(bytes)

/** RFC 6962 §2.1, written as its formula reads, to judge the other one by. */
function root(data: readonly Uint8Array[]): Uint8Array {
  if (data.length === 0) return sha256(new Uint8Array(0))
  if (data.length === 1) return sha256(Uint8Array.of(0), data[0] as Uint8Array)
  let k = 1
  while (2 * k < data.length) k *= 2
  return sha256(Uint8Array.of(1), root(data.slice(0, k)), root(data.slice(k)))
}

const leavesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => Uint8Array.of(i >> 8, i))

t.test('published inclusion proofs, good and bad', async t => {
  let good = 0
  let bad = 0
  for (const vector of vectors('inclusion')) {
    const claim = {
      leaf: bytes(vector.leafHash),
      index: vector.leafIdx as number,
      size: vector.treeSize as number,
      root: bytes(vector.root),
      proof: proofOf(vector.proof),
    }
    if (vector.wantErr) {
      bad++
      t.throws(() => verifyInclusion(claim), { code: 'inclusion-proof' }, `${vector.desc}`)
    } else {
      good++
      t.doesNotThrow(() => verifyInclusion(claim), `${vector.desc}`)
    }
  }
  t.same({ good, bad }, { good: 6, bad: 92 })
})

t.test('published consistency proofs, good and bad', async t => {
  let good = 0
  let bad = 0
  for (const vector of vectors('consistency')) {
    const claim = {
      oldSize: vector.size1 as number,
      oldRoot: bytes(vector.root1),
      size: vector.size2 as number,
      root: bytes(vector.root2),
      proof: proofOf(vector.proof),
    }
    if (vector.wantErr) {
      bad++
      t.throws(() => verifyConsistency(claim), { code: 'consistency-proof' }, `${vector.desc}`)
    } else {
      good++
      t.doesNotThrow(() => verifyConsistency(claim), `${vector.desc}`)
    }
  }
  t.same({ good, bad }, { good: 6, bad: 92 })
})

t.test('the root is that of RFC 6962, and appending gives it at every size', async t => {
  const data = leavesOf(300)
  const tree = new TreeHead()
  t.same(tree.root(), emptyRoot())
  t.equal(Buffer.from(tree.root()).toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  for (const [i, leaf] of data.entries()) {
    tree.append(leafHash(leaf))
    const expected = root(data.slice(0, i + 1))
    if (!t.same(tree.root(), expected)) return
  }
  t.same(treeRoot(data.map(leafHash)), root(data))
})

t.test('a tree goes on from its hashes alone', async t => {
  const hashes = leavesOf(200).map(leafHash)
  for (const cut of [0, 1, 2, 3, 64, 100, 127, 128, 199]) {
    const first = new TreeHead()
    for (const hash of hashes.slice(0, cut)) first.append(hash)
    t.ok(first.hashes.length <= 8)
    const second = TreeHead.from(first.size, first.hashes)
    for (const hash of hashes.slice(cut)) second.append(hash)
    t.same(second.root(), treeRoot(hashes))
  }
  t.throws(() => TreeHead.from(3, [leafHash(new Uint8Array(0))]), { code: 'tree-range' })
  t.throws(() => TreeHead.from(1, [new Uint8Array(31)]), { code: 'tree-hash-malformed' })
  t.throws(() => TreeHead.from(-1, []), { code: 'tree-range' })
})

t.test('each perfect subtree is told once, when it is complete', async t => {
  const seen = new Map<string, Uint8Array>()
  const tree = new TreeHead((level, index, hash) => seen.set(`${level}/${index}`, hash))
  const hashes = leavesOf(13).map(leafHash)
  for (const hash of hashes) tree.append(hash)
  t.equal(seen.size, 13 + 6 + 3 + 1)
  t.same(seen.get('3/0'), treeRoot(hashes.slice(0, 8)))
  t.same(seen.get('2/2'), treeRoot(hashes.slice(8, 12)))
})

t.test('proofs made here verify, and with any change do not', async t => {
  const hashes = leavesOf(70).map(leafHash)
  const roots = hashes.map((_, i) => treeRoot(hashes.slice(0, i + 1)))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), fc.nat(), (size, a, b, bit) => {
      const index = a % size
      const oldSize = (b % size) + 1
      const root = roots[size - 1] as Uint8Array
      const inclusion = {
        leaf: hashes[index] as Uint8Array,
        index,
        size,
        root,
        proof: inclusionProof(hashes, index, size),
      }
      verifyInclusion(inclusion)
      const consistency = {
        oldSize,
        oldRoot: roots[oldSize - 1] as Uint8Array,
        size,
        root,
        proof: consistencyProof(hashes, oldSize, size),
      }
      verifyConsistency(consistency)

      const flip = (hash: Uint8Array) =>
        hash.with((bit >> 3) % 32, (hash[(bit >> 3) % 32] as number) ^ (1 << (bit & 7)))
      const flipOne = (proof: readonly Uint8Array[]) =>
        proof.map((hash, i) => (i === bit % proof.length ? flip(hash) : hash))
      const refused = (claim: () => void) => t.throws(claim, LogError)
      refused(() => verifyInclusion({ ...inclusion, leaf: flip(inclusion.leaf) }))
      refused(() => verifyInclusion({ ...inclusion, root: flip(root) }))
      refused(() => verifyInclusion({ ...inclusion, proof: [...inclusion.proof, root] }))
      refused(() => verifyConsistency({ ...consistency, root: flip(root) }))
      refused(() => verifyConsistency({ ...consistency, oldRoot: flip(consistency.oldRoot) }))
      refused(() => verifyConsistency({ ...consistency, proof: [...consistency.proof, root] }))
      if (inclusion.proof.length > 0) refused(() => verifyInclusion({ ...inclusion, proof: flipOne(inclusion.proof) }))
      if (consistency.proof.length > 0) {
        refused(() => verifyConsistency({ ...consistency, proof: flipOne(consistency.proof) }))
      }
    }),
    { numRuns: 60 },
  )
})

t.test('a failed check carries what an auditor would publish', async t => {
  const hashes = leavesOf(5).map(leafHash)
  const claim = {
    leaf: hashes[0] as Uint8Array,
    index: 1,
    size: 5,
    root: treeRoot(hashes),
    proof: inclusionProof(hashes, 1, 5),
  }
  try {
    verifyInclusion(claim)
    t.fail('accepted')
  } catch (error) {
    t.ok(LogError.is(error, 'inclusion-proof'))
    t.equal((error as LogError).evidence, claim)
  }
})

t.test('what has no meaning is refused', async t => {
  const hashes = leavesOf(3).map(leafHash)
  for (const index of [-1, 3, 0.5, Number.NaN]) {
    t.throws(() => inclusionProof(hashes, index, 3), { code: 'tree-range' })
  }
  t.throws(() => inclusionProof(hashes, 0, 4), { code: 'tree-range' })
  t.throws(() => nodeHash(new Uint8Array(31), new Uint8Array(32)), { code: 'tree-hash-malformed' })
  t.throws(() => new TreeHead().append(new Uint8Array(33)), { code: 'tree-hash-malformed' })
  const claim = { leaf: new Uint8Array(32), index: 0, size: 2, root: new Uint8Array(32) }
  t.throws(() => verifyInclusion({ ...claim, proof: Array(64).fill(claim.leaf) }), { code: 'inclusion-proof' })
  t.throws(() => verifyInclusion({ ...claim, proof: [new Uint8Array(31)] }), { code: 'inclusion-proof' })
})
