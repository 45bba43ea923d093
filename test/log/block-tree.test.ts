import fc from 'fast-check'
import t from 'tap'
import { BLOCK_LENGTH, BlockTree, blockCount, blockProof, rootOfLeaves, verifyBlock } from '../../src/log/block-tree.ts'
import { emptyRoot, leafHash, treeRoot } from '../../src/log/tree.ts'

/** Bytes of a body that are not the same in any two blocks. */
function body(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i += 4096) bytes.set([i >> 24, i >> 16, i >> 8, i].slice(0, length - i), i)
  return bytes
}

function blocksOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: blockCount(bytes.length) }, (_, i) =>
    bytes.subarray(i * BLOCK_LENGTH, (i + 1) * BLOCK_LENGTH),
  )
}

t.test('the root is that of RFC 6962 over blocks of 1 MiB', async t => {
  for (const length of [
    1,
    100,
    BLOCK_LENGTH - 1,
    BLOCK_LENGTH,
    BLOCK_LENGTH + 1,
    3 * BLOCK_LENGTH,
    3 * BLOCK_LENGTH + 7,
  ]) {
    const bytes = body(length)
    const digest = new BlockTree().update(bytes).digest()
    t.same(digest.leaves, blocksOf(bytes).map(leafHash))
    t.same(digest.root, treeRoot(blocksOf(bytes).map(leafHash)))
    t.same(rootOfLeaves(digest.leaves), digest.root)
    t.equal(digest.length, length)
  }
})

t.test('a body of no bytes has no block and the empty root', async t => {
  t.same(new BlockTree().digest(), { root: emptyRoot(), length: 0, leaves: [] })
  t.same(new BlockTree().update(new Uint8Array(0)).digest(), { root: emptyRoot(), length: 0, leaves: [] })
  t.equal(blockCount(0), 0)
})

t.test('how the bytes arrive does not matter', async t => {
  const bytes = body(2 * BLOCK_LENGTH + 12_345)
  const { root } = new BlockTree().update(bytes).digest()
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), cuts => {
      const tree = new BlockTree()
      let at = 0
      for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
        tree.update(bytes.subarray(at, cut))
        at = cut
      }
      t.same(tree.digest().root, root)
    }),
    { numRuns: 10 },
  )
})

t.test('a block alone is checked against the signed root; any other is refused', async t => {
  const bytes = body(2 * BLOCK_LENGTH + 5)
  const { root, leaves, length } = new BlockTree().update(bytes).digest()
  const blocks = blocksOf(bytes)
  for (const [index, block] of blocks.entries()) {
    const claim = { block, index, root, length, proof: blockProof(leaves, index) }
    t.doesNotThrow(() => verifyBlock(claim))
    const changed = block.slice()
    changed[0] = (changed[0] as number) ^ 1
    t.throws(() => verifyBlock({ ...claim, block: changed }), { code: 'inclusion-proof' })
    t.throws(() => verifyBlock({ ...claim, block: block.subarray(1) }), { code: 'block-length' }, 'cut')
    t.throws(() => verifyBlock({ ...claim, index: index + 3 }), { code: 'block-length' }, 'beyond the body')
    t.throws(() => verifyBlock({ ...claim, index: -1 }), { code: 'block-length' })
  }
  const swapped = { block: blocks[1] as Uint8Array, index: 0, root, length, proof: blockProof(leaves, 0) }
  t.throws(() => verifyBlock(swapped), { code: 'inclusion-proof' }, 'two blocks swapped')
})
