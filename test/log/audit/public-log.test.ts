/** What a live log may do to its public files, each found under its name; and what a truthful one shows. */
import t from 'tap'
import { fromBase64url, toBase64url, utf8 } from '../../../src/crypto/bytes.ts'
import { sha256 } from '../../../src/crypto/hash.ts'
import { MlDsaSigningKey } from '../../../src/crypto/mldsa.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { auditPublicLog, type PublicAuditOptions } from '../../../src/log/audit/public-log.ts'
import { formatCheckpoint, logKeys, signCheckpoint } from '../../../src/log/checkpoint.ts'
import { cosign, cosignerKeys } from '../../../src/log/cosignature.ts'
import { entryHash, writeEntry } from '../../../src/log/entry.ts'
import { formatNote, parseNote } from '../../../src/log/note.ts'
import { formatPolicy, makePolicy } from '../../../src/log/policy.ts'
import { makeReceipt } from '../../../src/log/receipt.ts'
import { TileBuilder } from '../../../src/log/tile-builder.ts'
import type { Anchors } from '../../../src/protocol/anchors.ts'
import type { DeploymentId, Instant } from '../../../src/protocol/ids.ts'

const origin = 'log.example/a'
const deployment = 'DXlcFk8hUPcenrBblB-Tnw' as DeploymentId
const log = { origin, ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const witness = { name: 'witness.example/w', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const [hostKey, other] = [SigningKey.generate(), SigningKey.generate()]
const NOW = 1_800_000_000
const policy = makePolicy({
  log: { keys: logKeys(log) },
  witnesses: [{ name: 'w', keys: cosignerKeys(witness) }],
  threshold: 1,
})
const keyText = (key: SigningKey) => toBase64url(key.verifyKey.bytes)
const anchors = {
  ...{ deployment, origin, policy: formatPolicy(policy), cardAuthorities: [] },
  ...{ hostKey: keyText(hostKey), insurerKey: keyText(hostKey) },
} as unknown as Anchors

const entryOf = (n: number) =>
  writeEntry(
    { record: 'system', n, prev: null },
    {
      t: new Date((NOW - 3600) * 1000).toISOString() as Instant,
      actor: { kind: 'host', id: 'host' },
      ...{ action: 'host.start', object: { version: `${n}` }, outcome: 'ok', grant: null, state: null, request: null },
    },
  )
const entries = Array.from({ length: 600 }, (_, n) => entryOf(n))

/** The public files of a log of these entries, its checkpoint cosigned at that time; null: by nobody. */
function publish(count: number, witnessedAt: number | null = NOW - 60) {
  const builder = TileBuilder.empty()
  for (const entry of entries.slice(0, count)) builder.append(fromBase64url(entryHash(entry)))
  const files = new Map(builder.take().map(({ path, bytes }) => [path, bytes]))
  files.set('checkpoint', utf8(signed({ size: count, root: builder.root() }, witnessedAt)))
  return files
}
function signed(tree: { size: number; root: Uint8Array }, witnessedAt: number | null): string {
  const note = parseNote(signCheckpoint(tree, log, NOW))
  const text = formatCheckpoint({ origin, ...tree, extensions: [] })
  const cosigned = witnessedAt === null ? [] : cosign({ text, origin, ...tree }, witness, witnessedAt)
  return formatNote({ text, signatures: [...note.signatures, ...cosigned] })
}
const audit = (files: ReadonlyMap<string, Uint8Array>, options: Partial<PublicAuditOptions> = {}) =>
  auditPublicLog({
    ...{ anchors, now: new Date(NOW * 1000), fetch: async path => files.get(path) ?? null },
    ...options,
  })
const noteOf = (files: ReadonlyMap<string, Uint8Array>) => new TextDecoder().decode(files.get('checkpoint'))
const receiptOf = (n: number, key = hostKey) => makeReceipt(entries[n] ?? entryOf(n), { deployment, hostKey: key })

t.test('a truthful log: every leaf, bundle and tile, and what others had seen', async t => {
  const files = publish(600)
  const progress: number[] = []
  const seen = [1, 256, 300, 600].map(size => ({ name: `${size}`, signed: noteOf(publish(size)) }))
  const receipts = [await receiptOf(3), await receiptOf(599), await receiptOf(4, other), 'no receipt']
  const report = await auditPublicLog(
    { anchors, now: new Date(NOW * 1000), fetch: async path => files.get(path) ?? null, seen, receipts },
    done => progress.push(done),
  )
  t.match(report, {
    ...{ leaves: 600, receipts: { honoured: 2, due: 0, foreign: 2 }, findings: [] },
    tree: { size: 600, cosigned: ['w-0x04', 'w-0x06'], witnessedAt: new Date((NOW - 60) * 1000).toISOString() },
  })
  t.equal(report.files, files.size - 1, 'all but the checkpoint')
  t.same(progress, [256, 512, 600])
  t.match(await audit(publish(256)), { leaves: 256, findings: [] }, 'a tree of whole bundles')
})

const without = (path: string) => {
  const files = publish(600)
  files.delete(path)
  return files
}
const changed = (path: string, at: number) => {
  const files = publish(600)
  const bytes = Uint8Array.from(files.get(path) ?? [])
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return files.set(path, bytes)
}
const withCheckpoint = (note: string) => publish(600).set('checkpoint', utf8(note))

const rows: Record<string, readonly [code: string, ReadonlyMap<string, Uint8Array>, Partial<PublicAuditOptions>?]> = {
  'no checkpoint': ['checkpoint-missing', without('checkpoint')],
  'a checkpoint nobody signed': [
    'checkpoint-signature',
    withCheckpoint(noteOf(publish(600)).replace('\n600\n', '\n601\n')),
  ],
  'too few witnesses': ['checkpoint-quorum', publish(600, null)],
  'the past': ['checkpoint-stale', publish(600, NOW - 3600)],
  'a signed root that is not of its leaves': [
    'tree-root',
    withCheckpoint(signed({ size: 600, root: sha256(utf8('x')) }, NOW)),
  ],
  'a bundle missing': ['tile-missing', without('tile/entries/001')],
  'a bundle cut': ['tile-altered', publish(600).set('tile/entries/001', new Uint8Array(33))],
  'a leaf changed': ['tile-altered', changed('tile/entries/001', 40)],
  'a tile missing': ['tile-missing', without('tile/0/002.p/88')],
  'a tile of the level above changed': ['tile-altered', changed('tile/1/000.p/2', 5)],
  'another log shown elsewhere': [
    'tree-forked',
    publish(600),
    { seen: [{ name: 'kept', signed: signed({ size: 300, root: sha256(utf8('x')) }, NOW) }] },
  ],
  'its end cut off': ['tail-cut', publish(300), { seen: [{ name: 'kept', signed: noteOf(publish(600)) }] }],
  'a receipt not honoured': ['receipt-not-honoured', publish(300), { receipts: [await receiptOf(500)] }],
}

for (const [what, [code, files, options]] of Object.entries(rows)) {
  t.test(what, async t => {
    const { findings } = await audit(files, options)
    t.ok(
      findings.some(finding => finding.code === code),
      `${code}, among ${findings.map(each => each.code)}`,
    )
  })
}

t.test('a receipt that is not due yet is no finding; a log that cannot be read judges none', async t => {
  const receipts = [await receiptOf(500)]
  const early = await audit(publish(300), { receipts, now: new Date((NOW - 3590) * 1000) })
  t.match(early.receipts, { due: 1 })
  t.equal((await audit(without('tile/entries/001'), { receipts })).receipts, null)
  await t.rejects(audit(publish(3), { fetch: async () => Promise.reject(new Error('away')) }), /away/)
})
