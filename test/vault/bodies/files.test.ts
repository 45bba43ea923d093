import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import { sha256 } from '../../../src/crypto/hash.ts'
import { BlockTree } from '../../../src/log/block-tree.ts'
import type { Hash, UploadId } from '../../../src/protocol/ids.ts'
import { FileBodies } from '../../../src/vault/bodies/files.ts'
import { collect, inPieces, newId } from '../../fixtures/document.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const MIB = 1024 * 1024
async function* source(bytes: Uint8Array) {
  yield* inPieces(bytes, 300_000)
}
const rootOf = (bytes: Uint8Array) => toBase64url(new BlockTree().update(bytes).digest().root) as Hash

t.test('parts in any order become a body; any range of it is read back', async t => {
  const folder = testFolder(t)
  const bodies = new FileBodies(folder)
  const upload = newId<UploadId>()
  const body = randomBytes(2 * MIB + 123)
  const root = rootOf(body)
  const last = await bodies.writePart(upload, { offset: 2 * MIB, length: 123 }, source(body.subarray(2 * MIB)))
  const first = await bodies.writePart(upload, { offset: 0, length: 2 * MIB }, source(body.subarray(0, 2 * MIB)))
  t.strictSame(first.sha256, sha256(body.subarray(0, 2 * MIB)))
  const leaves = new BlockTree().update(body).digest().leaves
  t.strictSame([...first.blocks, ...last.blocks], [...leaves])
  await bodies.publish(upload, root)
  await bodies.discard(upload)
  t.same(readdirSync(join(folder, 'uploads')), [])
  t.strictSame(await collect(bodies.read(root, 0, body.length)), body)
  t.strictSame(await collect(bodies.read(root, MIB - 5, MIB + 5)), body.subarray(MIB - 5, MIB + 5))
  await t.rejects(collect(bodies.read(root, 0, body.length + 1)), { code: 'body-missing' })
  await t.rejects(collect(bodies.read(rootOf(randomBytes(5)), 0, 5)), { code: 'body-missing' })
})

t.test('a part of another length is refused, and may be sent again', async t => {
  const bodies = new FileBodies(testFolder(t))
  const upload = newId<UploadId>()
  const body = randomBytes(1000)
  for (const wrong of [999, 1001]) {
    const asked = bodies.writePart(upload, { offset: 0, length: wrong }, source(body))
    await t.rejects(asked, { code: 'part-invalid' }, `${wrong}`)
  }
  await bodies.writePart(upload, { offset: 0, length: 1000 }, source(randomBytes(1000)))
  await bodies.writePart(upload, { offset: 0, length: 1000 }, source(body))
  await bodies.publish(upload, rootOf(body))
  t.strictSame(await collect(bodies.read(rootOf(body), 0, 1000)), body)
})

t.test('a published body never changes', async t => {
  const bodies = new FileBodies(testFolder(t))
  const upload = newId<UploadId>()
  const body = randomBytes(1000)
  await bodies.writePart(upload, { offset: 0, length: 1000 }, source(body))
  await bodies.publish(upload, rootOf(body))
  await t.rejects(bodies.writePart(upload, { offset: 0, length: 1000 }, source(randomBytes(1000))), {
    code: 'part-invalid',
  })
  const again = newId<UploadId>()
  await bodies.writePart(again, { offset: 0, length: 1000 }, source(body))
  await bodies.publish(again, rootOf(body))
  await bodies.discard(again)
  await bodies.discard(again)
  t.strictSame(await collect(bodies.read(rootOf(body), 0, 1000)), body, 'the same body twice is one')
})

t.test('what is being deposited while it is collected stays, and a stop is heard', async t => {
  const folder = testFolder(t)
  const bodies = new FileBodies(folder)
  const [upload, crashed] = [newId<UploadId>(), newId<UploadId>()]
  const [body, orphan] = [randomBytes(10), randomBytes(10)]
  await bodies.writePart(upload, { offset: 0, length: 10 }, source(body))
  await bodies.writePart(crashed, { offset: 0, length: 10 }, source(orphan))
  await bodies.publish(crashed, rootOf(orphan))
  const named = { isUpload: () => true, isBody: () => false }
  const restarted = new FileBodies(folder)
  await restarted.publish(upload, rootOf(body))
  const stopped = AbortSignal.abort()
  await restarted.collect(named, stopped)
  await t.rejects(restarted.writePart(crashed, { offset: 0, length: 10 }, source(body)), { code: 'part-invalid' })
  t.strictSame(await collect(restarted.read(rootOf(orphan), 0, 10)), orphan, 'nothing wrote into it')
  await restarted.collect(named, new AbortController().signal)
  t.strictSame(await collect(restarted.read(rootOf(body), 0, 10)), body)
  await t.rejects(collect(restarted.read(rootOf(orphan), 0, 10)), { code: 'body-missing' })
})

t.test('after a start, what nobody names goes', async t => {
  const folder = testFolder(t)
  const bodies = new FileBodies(folder)
  const [kept, dropped] = [newId<UploadId>(), newId<UploadId>()]
  const body = randomBytes(10)
  for (const upload of [kept, dropped]) await bodies.writePart(upload, { offset: 0, length: 10 }, source(body))
  await bodies.publish(kept, rootOf(body))
  const orphan = join(folder, 'bodies', rootOf(body).slice(0, 2), 'orphan')
  writeFileSync(orphan, 'x')
  const named = { isUpload: (name: string) => name === kept, isBody: (root: string) => root === rootOf(body) }
  await bodies.collect(named, new AbortController().signal)
  t.same(readdirSync(join(folder, 'uploads')), [kept])
  t.notOk(existsSync(orphan))
  t.strictSame(await collect(bodies.read(rootOf(body), 0, 10)), body)
})
