import t from 'tap'
import type { Trust } from '../../src/client/anchors.ts'
import { Host } from '../../src/client/http.ts'
import { readLog } from '../../src/client/log-view.ts'
import { requireFreshLog } from '../../src/client/patient/fresh-log.ts'
import type { PatientSession } from '../../src/client/patient/session.ts'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { addCosignatures, formatCheckpoint, logKeys, signCheckpoint } from '../../src/log/checkpoint.ts'
import { cosign, cosignerKeys } from '../../src/log/cosignature.ts'
import { formatNote } from '../../src/log/note.ts'
import { makePolicy } from '../../src/log/policy.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import { data, grow } from '../fixtures/tiled-log.ts'
import { startServer } from '../fixtures/tls-server.ts'

const origin = 'log.example'
const log = { origin, ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const witness = { name: 'witness.example', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const policy = makePolicy({
  log: { keys: logKeys(log) },
  witnesses: [{ name: 'witness', keys: cosignerKeys(witness) }],
  threshold: 1,
})
const NOW = 1_800_000_000

function checkpointOf(size: number, root: Uint8Array, witnessedAt: number | null): string {
  const signed = signCheckpoint({ size, root }, log, NOW)
  if (witnessedAt === null) return signed
  const text = formatCheckpoint({ origin, size, root, extensions: [] })
  const signatures = cosign({ text, origin, size, root }, witness, witnessedAt)
  const answer = formatNote({ text, signatures }).split('\n\n')[1] as string
  return addCosignatures(signed, answer, cosignerKeys(witness))
}

t.test('the log as a client sees it', async t => {
  const { files, roots } = await grow([300, 700])
  const rootAt = (size: number) => roots.get(size) as Uint8Array
  const mark = (size: number, root = rootAt(size)) => ({ size, root: toBase64url(root) as Hash })
  let checkpoint = ''
  const served = new Map(files)
  const server = await startServer((request, response) => {
    const path = (request.url ?? '').replace('/log/', '')
    if (path === 'checkpoint') return response.end(checkpoint)
    const bytes = served.get(path)
    if (bytes !== undefined) return response.end(bytes)
    response.statusCode = 404
    const problem = { type: '', title: 'No', status: 404, detail: '', code: 'no-such-route' }
    return response.end(JSON.stringify(problem))
  })
  const host = new Host({ anchors: server.anchors, listener: 'patients' })
  const trust = { anchors: { origin }, policy } as unknown as Trust
  const read = (seen: { size: number; root: Hash }) => readLog(host, trust, () => new Date(NOW * 1000), seen)

  checkpoint = checkpointOf(700, rootAt(700), NOW - 60)
  const view = await read(mark(300))
  t.same(view.tree, mark(700))
  t.same(view.witnesses, ['witness'])
  t.same(view.warnings, [])
  t.ok(view.isFresh)
  const session = {
    host,
    trust,
    clock: () => new Date(NOW * 1000),
    seen: { tree: mark(300) },
  } as unknown as PatientSession
  await requireFreshLog(session, 'grant.give')
  await view.checkEntry(toBase64url(data(5)) as Hash, 5)
  await t.rejects(view.checkEntry(toBase64url(data(5)) as Hash, 6), { code: 'inclusion-proof' }, 'another place')
  await t.rejects(view.checkEntry(toBase64url(sha256()) as Hash, 5), { code: 'inclusion-proof' }, 'another entry')
  await t.rejects(view.checkEntry(toBase64url(data(5)) as Hash, 700), { code: 'tree-range' })

  await t.rejects(read(mark(301, sha256(data(1)))), { code: 'tree-forked' }, 'a log that was rewritten')
  await t.rejects(read(mark(700, rootAt(300))), { code: 'tree-forked' })
  checkpoint = checkpointOf(300, rootAt(300), NOW)
  await t.rejects(read(mark(700)), { code: 'tree-rolled-back' }, 'a log that was cut')

  checkpoint = checkpointOf(700, rootAt(700), null)
  t.match((await read(mark(300))).warnings, [/Too few witnesses/])
  await t.rejects(
    requireFreshLog(session, 'grant.give', { patienceMs: 0 }),
    { code: 'log-unwitnessed' },
    'nothing more is given',
  )
  checkpoint = checkpointOf(700, rootAt(700), NOW - 3600)
  t.match((await read(mark(300))).warnings, [/60 minutes ago/], 'nobody is frozen in the past unawares')
  for (const action of ['grant.give', 'document.unmask'] as const) {
    await t.rejects(requireFreshLog(session, action, { patienceMs: 0 }), { code: 'log-unwitnessed' }, action)
  }
  const cosigned = setTimeout(() => {
    checkpoint = checkpointOf(700, rootAt(700), NOW)
  }, 100)
  await t.resolves(requireFreshLog(session, 'grant.give'), 'witnesses that are merely slow are waited for')
  clearTimeout(cosigned)
  checkpoint = checkpointOf(700, rootAt(700), NOW - 3600)
  for (const action of ['grant.revoke', 'compartment.roll', 'document.mask'] as const) {
    await t.resolves(requireFreshLog(session, action), `${action} takes back, and never waits`)
  }
  checkpoint = checkpointOf(700, rootAt(700), NOW - 600)
  t.ok((await read(mark(300))).isFresh, 'ten minutes are allowed')
  checkpoint = checkpointOf(700, rootAt(700), NOW).replace(/^700$/m, '699')
  await t.rejects(read(mark(300)), { code: 'checkpoint-signature' })

  checkpoint = checkpointOf(700, rootAt(700), NOW)
  const [path, bytes] = [...files].find(([name]) => name.startsWith('tile/0/000')) as [string, Uint8Array]
  const altered = new Uint8Array(bytes)
  altered[160] = (altered[160] ?? 0) ^ 1
  served.set(path, altered)
  const view2 = await read(mark(700))
  await t.rejects(view2.checkEntry(toBase64url(data(5)) as Hash, 5), { code: 'tile-mismatch' }, 'an altered tile')
  await host.close()
  await server.stop()
})
