import { mkdirSync, rmdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { serveWitness } from '../../../src/cli/witness/server.ts'
import { MlDsaSigningKey } from '../../../src/crypto/mldsa.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { addCosignatures, logKeys, signCheckpoint, verifyCheckpoint } from '../../../src/log/checkpoint.ts'
import { cosignerKeys } from '../../../src/log/cosignature.ts'
import { makePolicy } from '../../../src/log/policy.ts'
import { consistencyProof, leafHash, treeRoot } from '../../../src/log/tree.ts'
import { formatAddCheckpoint } from '../../../src/log/witness.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const TIME = 1_800_000_000
const log = { origin: 'log.example/a', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const cosigner = { name: 'witness.example/w', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const leaves = Array.from({ length: 20 }, (_, i) => leafHash(Uint8Array.of(i)))

const checkpointOf = (size: number) => signCheckpoint({ size, root: treeRoot(leaves.slice(0, size)) }, log, TIME)
const requestOf = (oldSize: number, size: number) =>
  formatAddCheckpoint({
    oldSize,
    proof: oldSize === 0 || oldSize === size ? [] : consistencyProof(leaves, oldSize, size),
    checkpoint: checkpointOf(size),
  })

function start(t: Test, more: Partial<Parameters<typeof serveWitness>[0]> = {}) {
  const stateFile = more.stateFile ?? join(testFolder(t), 'state.json')
  const clock = () => new Date(TIME * 1000 + 999)
  return serveWitness({ port: 0, createState: true, cosigner, logs: logKeys(log), clock, ...more, stateFile })
}

async function post(url: string, body: string | Uint8Array) {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: body as BodyInit })
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

t.test('over HTTP: cosigned, then conflicts as the specification says', async t => {
  const { url, close } = await start(t)
  t.teardown(close)
  const first = await post(url, requestOf(0, 7))
  t.equal(first.status, 200)
  t.equal(first.type, 'text/plain; charset=utf-8')
  const policy = makePolicy({
    log: { keys: logKeys(log) },
    witnesses: [{ name: 'w', keys: cosignerKeys(cosigner), url }],
    threshold: 1,
  })
  const cosigned = addCosignatures(checkpointOf(7), first.body, cosignerKeys(cosigner))
  t.match(verifyCheckpoint(cosigned, policy, TIME), { quorum: true, witnessedAt: TIME })
  t.same(await post(url, requestOf(0, 20)), { status: 409, type: 'text/x.tlog.size', body: '7\n' })
  t.equal((await post(url, requestOf(7, 20))).status, 200)
  t.equal((await post(url, 'nothing')).status, 400)
  t.equal((await post(url, Uint8Array.of(0xff, 0xfe))).status, 400)
  t.equal((await post(url, 'x'.repeat(200_000))).status, 413)
  t.equal((await fetch(`${url}/add-checkpoint`)).status, 405)
  t.equal((await fetch(`${url}/`)).status, 404)
})

t.test('over HTTP: each status that the specification names', async t => {
  const { url, close } = await start(t)
  t.teardown(close)
  const plain = 'text/plain; charset=utf-8'
  const signed = (tree: { size: number; root: Uint8Array }, signer = log) => signCheckpoint(tree, signer, TIME)
  const body = (oldSize: number, proof: readonly Uint8Array[], checkpoint: string) =>
    formatAddCheckpoint({ oldSize, proof: [...proof], checkpoint })
  t.match(await post(url, requestOf(0, 7)), { status: 200, type: plain })
  const other = { ...log, origin: 'log.example/b' }
  const thief = { ...log, ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
  const fork = treeRoot(leaves.slice(0, 7).reverse())
  const rows: Record<string, readonly [request: string, status: number, type: string, answer?: string]> = {
    'an unknown origin': [body(7, [], signed({ size: 20, root: fork }, other)), 404, plain],
    'no trusted signature': [body(7, [], signed({ size: 20, root: fork }, thief)), 403, plain],
    'an old size above the checkpoint’s': [body(20, [], checkpointOf(7)), 400, plain],
    'an old size that is not the last': [requestOf(3, 20), 409, 'text/x.tlog.size', '7\n'],
    'the same size, another root': [body(7, [], signed({ size: 7, root: fork })), 409, plain],
    'a proof that does not verify': [body(7, consistencyProof(leaves, 5, 20), checkpointOf(20)), 422, plain],
    'a proof where there must be none': [body(7, consistencyProof(leaves, 7, 20), checkpointOf(7)), 422, plain],
    'the same again': [requestOf(7, 7), 200, plain],
    'its growth': [requestOf(7, 20), 200, plain],
  }
  for (const [why, [request, status, type, answer]] of Object.entries(rows)) {
    const got = await post(url, request)
    t.same([got.status, got.type], [status, type], why)
    if (answer !== undefined) t.equal(got.body, answer)
    t.equal(got.body.includes('— witness.example/w '), status === 200, 'a cosignature only when it agrees')
  }
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: requestOf(20, 20) })
  t.match(response.headers.get('keep-alive'), /timeout=/)
  await response.text()
})

t.test('of many at once, exactly one wins', async t => {
  const { url, close } = await start(t)
  t.teardown(close)
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(url, requestOf(0, i + 1))))
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  t.equal(answers.filter(({ status, type }) => status === 409 && type === 'text/x.tlog.size').length, 19)
})

t.test('a witness remembers over a restart', async t => {
  const stateFile = join(testFolder(t), 'state.json')
  const first = await start(t, { stateFile })
  await post(first.url, requestOf(0, 7))
  await first.close()
  const second = await start(t, { stateFile, createState: false })
  t.teardown(second.close)
  t.same(await post(second.url, requestOf(0, 7)), { status: 409, type: 'text/x.tlog.size', body: '7\n' })
  t.equal((await post(second.url, requestOf(7, 20))).status, 200)
  await t.rejects(start(t, { stateFile }), { code: 'witness-state-locked' })
})

t.test('what cannot be written down is not cosigned', async t => {
  const stateFile = join(testFolder(t), 'state.json')
  const errors: unknown[] = []
  const { url, close } = await start(t, { stateFile, onError: error => errors.push(error) })
  t.teardown(close)
  mkdirSync(`${stateFile}.new`)
  const failed = await post(url, requestOf(0, 7))
  t.equal(failed.status, 500)
  t.notOk(failed.body.includes('—'))
  t.equal(errors.length, 1)
  rmdirSync(`${stateFile}.new`)
  t.equal((await post(url, requestOf(0, 7))).status, 200, 'and recovers by itself')
})

t.test('a lost state is not replaced unasked', async t => {
  await t.rejects(start(t, { createState: false }), { code: 'witness-state-missing' })
})

t.test('a port that is taken is said so, and the state is free again', async t => {
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  const stateFile = join(testFolder(t), 'state.json')
  await t.rejects(start(t, { port, stateFile }), { code: 'port-taken' })
  const { close } = await start(t, { stateFile })
  await close()
})
