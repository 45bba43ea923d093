import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import t from 'tap'
import { main } from '../../../src/cli/main.ts'
import { readWitnessConfig } from '../../../src/cli/witness/config.ts'
import { serveWitness } from '../../../src/cli/witness/server.ts'
import { Connection } from '../../../src/client/professional/connection.ts'
import { enrol } from '../../../src/client/professional/enrol.ts'
import { fromBase64url, randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import { parsePolicy } from '../../../src/log/policy.ts'
import { verifyProof } from '../../../src/log/proof.ts'
import { Hash, type Instant } from '../../../src/protocol/ids.ts'
import { startTestHost } from '../../fixtures/host.ts'
import { makeWorkstation } from '../../fixtures/professional.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

t.setTimeout(120_000)
const folder = testFolder(t)
const host = await startTestHost(join(folder, 'world'), { witnessed: true })
const home = join(folder, 'doctor')
const workstation = await makeWorkstation(host, 'doctor', home)
await enrol(workstation)
const closing: (() => Promise<void>)[] = []
const anyHash = () => toBase64url(randomBytes(32)) as Hash
const visit = async () => (await Connection.open(workstation)).close()
const proofs = () => readdirSync(join(home, 'proofs'))
const evidence = () => readdirSync(join(home, 'evidence')).filter(name => name.includes('receipt-not-honoured'))

t.test('what no witness has seen yet proves nothing: the receipt waits', async t => {
  await setTimeout(1000)
  await visit()
  t.same(await workstation.receiptCount(), { kept: 1, proved: 0 })
  t.throws(proofs, { code: 'ENOENT' })
})

t.test('once witnesses cosigned, the proof is kept, and holds offline', async t => {
  for (const folder of host.world.layout.witnesses) {
    const witness = await serveWitness({ ...readWitnessConfig(join(folder, 'config.json')), createState: true })
    closing.push(() => witness.close())
  }
  await enrol(workstation, { renew: true })
  while ((await workstation.receiptCount()).proved < 2) {
    await visit()
    await setTimeout(100)
  }
  t.same(await workstation.receiptCount(), { kept: 2, proved: 2 })
  t.equal(proofs().length, 2)
  const policy = parsePolicy(host.world.anchors.policy)
  for (const name of proofs()) {
    const text = readFileSync(join(home, 'proofs', name), 'utf8')
    const entry = Hash.parse(name.replace('.tlog-proof', ''))
    t.ok(verifyProof(text, fromBase64url(entry), { policy }).witnessedAt)
    t.throws(() => verifyProof(text, fromBase64url(anyHash()), { policy }), { code: 'inclusion-proof' })
  }
})

t.test('anybody with receipt, proof and anchors can check it by a command', async t => {
  const [line = ''] = readFileSync(join(home, 'receipts.jsonl'), 'utf8').split('\n')
  const { receipt, entry } = JSON.parse(line) as { receipt: string; entry: string }
  const file = join(folder, 'receipt.txt')
  writeFileSync(file, `${receipt}\n`)
  const proof = join(home, 'proofs', `${entry}.tlog-proof`)
  const { anchors } = host.world.layout
  const run = async (...words: string[]) => {
    let text = ''
    const write = (more: string) => {
      text += more
    }
    return {
      code: await main(['audit', 'proof', ...words, '--anchors', anchors], { stdout: { write }, stderr: { write } }),
      text,
    }
  }
  const good = await run(proof, '--receipt', file)
  t.equal(good.code, 0, good.text)
  t.match(good.text, /The host signed that key\.publish \(ok\) was done on 20/)
  t.match(good.text, new RegExp(`Entry ${entry} is number \\d+ of the log; a quorum`))
  t.equal((await run(proof, '--entry', entry)).code, 0)
  t.equal((await run(proof, '--entry', anyHash())).code, 4, 'another entry')
  const other = join(folder, 'other.tlog-proof')
  writeFileSync(other, readFileSync(proof, 'utf8').replace(/^index .*$/m, 'index 0'))
  t.equal((await run(other, '--receipt', file)).code, 4, 'another place')
  t.equal((await run(proof)).code, 2)
  t.equal((await run(proof, '--entry', 'x')).code, 2)
  t.equal((await run('--entry', entry)).code, 2)
})

t.test('a receipt whose entry never comes is a broken promise, though one before it still waits', async t => {
  const soon = new Date(host.now().getTime() + 60_000).toISOString() as Instant
  const past = new Date(host.now().getTime() - 61_000).toISOString() as Instant
  const line = { receipt: 'a.b.c', action: 'document.deposit', t: past }
  await workstation.keepReceipt({ ...line, entry: anyHash(), integrateBy: soon })
  await workstation.keepReceipt({ ...line, entry: anyHash(), integrateBy: past })
  await t.rejects(Connection.open(workstation), { code: 'receipt-not-honoured', evidence: { receipt: 'a.b.c' } })
  t.equal(evidence().length, 1)
  await workstation.markHonoured(2)
})

t.test('a host that names a place where another entry stands is caught by the proof', async t => {
  const entry = anyHash()
  const store = new Database(join(host.world.layout.host.store, 'store.sqlite'))
  store.prepare('UPDATE entries SET hash = ? WHERE seq = 1').run(entry)
  store.close()
  const soon = new Date(host.now().getTime() + 60_000).toISOString() as Instant
  await workstation.keepReceipt({ receipt: 'a.b.c', entry, action: 'document.read', t: soon, integrateBy: soon })
  await t.rejects(Connection.open(workstation), { code: 'receipt-not-honoured', evidence: { answered: { leaf: 1 } } })
  t.equal(evidence().length, 2)
})

t.teardown(async () => {
  await host.stop()
  for (const close of closing) await close()
})
