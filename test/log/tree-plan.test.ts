import t from 'tap'
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  nodeHash,
  TreeHead,
  verifyConsistency,
  verifyInclusion,
} from '../../src/log/tree.ts'
import { planConsistency, planInclusion, planRoot } from '../../src/log/tree-plan.ts'

/** Steps as text: each node `level/index`. */
const shown = (steps: readonly (readonly { level: number; index: number }[])[]) =>
  steps.map(step => step.map(({ level, index }) => `${level}/${index}`).join('+'))

// RFC 6962 §2.1.3 draws the tree of seven leaves and names the proofs in it: a..f are leaves 0..5, j is 6.
t.test('the examples of RFC 6962 §2.1.3', async t => {
  t.same(shown(planInclusion(0, 7)), ['0/1', '1/1', '1/2+0/6'], 'PATH(d0) = [b, h, l]')
  t.same(shown(planInclusion(3, 7)), ['0/2', '1/0', '1/2+0/6'], 'PATH(d3) = [c, g, l]')
  t.same(shown(planInclusion(4, 7)), ['0/5', '0/6', '2/0'], 'PATH(d4) = [f, j, k]')
  t.same(shown(planInclusion(6, 7)), ['1/2', '2/0'], 'PATH(d6) = [i, k]')
  t.same(shown(planConsistency(3, 7)), ['0/2', '0/3', '1/0', '1/2+0/6'], 'PROOF(3, D[7]) = [c, d, g, l]')
  t.same(shown(planConsistency(4, 7)), ['1/2+0/6'], 'PROOF(4, D[7]) = [l]')
  t.same(shown(planConsistency(6, 7)), ['1/2', '0/6', '2/0'], 'PROOF(6, D[7]) = [i, j, k]')
  t.same(planConsistency(7, 7), [])
  t.same(planInclusion(0, 1), [])
  t.same(planRoot(0), [])
})

t.test('sizes beyond 32 bits are exact', async t => {
  const size = 2 ** 40 + 3
  t.same(planRoot(size), [
    { level: 40, index: 0 },
    { level: 1, index: 2 ** 39 },
    { level: 0, index: 2 ** 40 + 2 },
  ])
  t.same(planRoot(2 ** 53 - 1).length, 53)
  t.equal(planInclusion(size - 1, size).length, 2)
  t.equal(planInclusion(0, size).length, 41)
  // A reader that knows one hash for all: enough to walk both ways of a tree too large to hold.
  const same = leafHash(new Uint8Array(0))
  const levels = [same]
  for (let i = 0; i < 41; i++) levels.push(nodeHash(levels[i] as Uint8Array, levels[i] as Uint8Array))
  const read = ({ level }: { level: number }) => levels[level] as Uint8Array
  const rootAt = (n: number) => TreeHead.from(n, planRoot(n).map(read)).root()
  verifyInclusion({
    leaf: same,
    index: 2 ** 33 + 5,
    size,
    root: rootAt(size),
    proof: inclusionProof(read, 2 ** 33 + 5, size),
  })
  verifyConsistency({
    oldSize: 2 ** 35 + 7,
    oldRoot: rootAt(2 ** 35 + 7),
    size,
    root: rootAt(size),
    proof: consistencyProof(read, 2 ** 35 + 7, size),
  })
  t.pass()
})

t.test('what has no meaning is refused', async t => {
  for (const oldSize of [0, 4, -1, 1.5]) t.throws(() => planConsistency(oldSize, 3), { code: 'tree-range' })
  for (const index of [-1, 3, 0.5]) t.throws(() => planInclusion(index, 3), { code: 'tree-range' })
  for (const size of [2 ** 53, -1, 0.5, Number.NaN]) t.throws(() => planRoot(size), { code: 'tree-range' })
})
