import fc from 'fast-check'
import t from 'tap'
import { fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { freshSeed, proveLeaf, rootsOf, setsMatch, slotLeaf, verifyLeaf } from '../../src/log/sets.ts'
import type { Hash, NationalId, SlotId } from '../../src/protocol/ids.ts'
import { SET_NAMES, SetProof, type StateSets } from '../../src/protocol/record.ts'

const hash = (n: number) => toBase64url(sha256(Uint8Array.of(n >> 8, n))) as Hash
const sets = (count: number, seed = freshSeed()): StateSets => {
  const hashes = Array.from({ length: count }, (_, i) => hash(i))
  const blocked = Array.from({ length: count }, (_, i) => `81000000${i}` as NationalId)
  return { seed, grants: hashes, delegations: hashes, blocked, devices: hashes, placements: hashes }
}
const flip = (text: string, at: number) => {
  const bytes = fromBase64url(text).slice()
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1
  return toBase64url(bytes)
}

t.test('every leaf is proved, and for no other content, salt, place, path or root', async () => {
  const each = { count: fc.integer({ min: 1, max: 40 }), pick: fc.nat(), at: fc.nat({ max: 31 }) }
  fc.assert(
    fc.property(fc.record(each), fc.constantFrom(...SET_NAMES), ({ count, pick, at }, set) => {
      const all = sets(count)
      const roots = rootsOf(all)
      const content = all[set][pick % count] as string
      const proof = SetProof.parse(proveLeaf(all, set, content))
      const wrong: [SetProof, string, typeof roots][] = [
        [proof, set === 'blocked' ? `${content}0` : flip(content, at), roots],
        [{ ...proof, salt: flip(proof.salt, at) }, content, roots],
        [{ ...proof, index: (proof.index + 1) % proof.size }, content, roots],
        [{ ...proof, path: proof.path.map((step, i) => (i === 0 ? (flip(step, at) as Hash) : step)) }, content, roots],
        [{ ...proof, path: proof.path.slice(1) }, content, roots],
        [{ ...proof, path: [...proof.path, hash(9)] }, content, roots],
        [{ ...proof, size: proof.size * 2 }, content, roots],
        [{ ...proof, size: proof.size - 1 }, content, roots],
        [proof, content, { ...roots, [`${set}Root`]: flip(roots[`${set}Root`], at) as Hash }],
        // The same set under the next state's seed: a proof never outlives its state.
        [proof, content, rootsOf({ ...all, seed: freshSeed() })],
      ]
      return verifyLeaf(roots, proof, content) && wrong.every(([p, c, r]) => !verifyLeaf(r, p, c))
    }),
    { numRuns: 40 },
  )
})

t.test('a proof tells nothing about the number or kind of the other leaves', async t => {
  for (const count of [1, 7, 16]) {
    const { size, path } = proveLeaf(sets(count), 'grants', hash(0))
    t.same([size, path.length], [16, 4], `${count}`)
  }
  t.same(proveLeaf(sets(17), 'grants', hash(0)).size, 32)
})

t.test('the same sets under another seed have other roots; without the seed nothing is shown', async t => {
  const [one, two] = [rootsOf(sets(3)), rootsOf(sets(3))]
  for (const name of Object.keys(one) as (keyof typeof one)[]) t.not(one[name], two[name])
  t.equal(new Set(Object.values(rootsOf(sets(0)))).size, 5, 'five empty sets have five roots')
})

t.test('padding is no content', async t => {
  const all = sets(1)
  t.throws(() => proveLeaf(all, 'grants', hash(5)), { code: 'set-absent' })
  const proof = proveLeaf(all, 'grants', hash(0))
  t.notOk(verifyLeaf(rootsOf(all), { ...proof, index: 1 }, ''))
})

t.test('a set that differs anywhere does not match', async t => {
  const all = sets(3)
  const roots = rootsOf(all)
  t.ok(setsMatch(roots, all))
  for (const set of SET_NAMES) {
    t.notOk(setsMatch(roots, { ...all, [set]: all[set].slice(1) }), `${set} without a leaf`)
    t.notOk(setsMatch(roots, { ...all, [set]: [...all[set]].reverse() }), `${set} in another order`)
  }
  t.notOk(setsMatch(roots, { ...all, seed: freshSeed() }))
})

t.test('the layout of docs/protocol/state.md, pinned', async t => {
  const all = { ...sets(2, toBase64url(new Uint8Array(32))), blocked: ['810000000017' as NationalId] }
  t.matchOnly(rootsOf(all), PINNED)
  t.equal(
    slotLeaf({
      slotId: toBase64url(new Uint8Array(16)) as SlotId,
      kind: 'kit',
      accountKeyVersion: 1,
      parameters: '',
      wrapped: toBase64url(new Uint8Array(80)),
    }),
    SLOT,
  )
})

// Computed from the page by a program of another language.
const PINNED = {
  grantsRoot: 'MFb3oa1m4sp50PdP6Wtolk8YVDsO-6BiRCJX0B5EIbQ',
  delegationsRoot: 'gj0cvOb3WDLRorSkNhE8kr9N4M1BzPVWOQ2cgJeSSdU',
  blockedRoot: '9wkeZYxq81scWxIN7RCgxx4K4YaFI6EmGLh7Lw-4_NI',
  devicesRoot: 'wxGOm6O2TayWr0PBWqi_j-ST0tKn2IZlEmjii1-cvJ0',
  placementsRoot: 'QaDwe5COnO7aZ3R8SFQGF2mTx_LK5zDQ1715jlLk1-M',
}
const SLOT = 'aW8sFpQCz2knkUTbpFbTrFLOPsyzJgo6MY5DzirpkLo'
