import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DocumentSealer } from '../../src/client/document/seal.ts'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import type { DocumentId } from '../../src/protocol/ids.ts'
import { collect, manifestFor, newId } from '../../test/fixtures/document.ts'
import { insOf } from '../../test/fixtures/patient.ts'
import { change, compartmentOf, deposit, planGrant } from '../../test/fixtures/vault-acts.ts'
import { DOCTOR, makeHolder, openRecord, openVaultWorld, publish, signed } from '../../test/fixtures/vault-world.ts'
import type { Figure } from '../harness/figure.ts'
import { type GrownRecord, growStore } from '../samples/grown-store.ts'

/** Records of the large store: a million, or as many as COFFRE_BENCH_RECORDS says; ten entries each in either store. */
const LARGE = Number(process.env.COFFRE_BENCH_RECORDS ?? 1_000_000)
const SMALL = 10_000
const ENTRIES = 10
/** Acts under way at once, and in one measurement. */
const AT_ONCE = 32
const ACTS = 512

export default {
  what: `Milliseconds a read (its small body comes with the opening), a list and a deposit (three requests) take the vault in a store of ${LARGE} records and ${LARGE * ENTRIES} entries, ${AT_ONCE} at once, each in another record picked at random, durable; beside the same in a store of ${SMALL} records.`,
  unit: 'ms',
  async *contests() {
    const small = await grown(SMALL)
    const large = await grown(LARGE)
    for (const act of ['read', 'list', 'deposit'] as const) {
      yield {
        variant: act,
        rounds: 7,
        sides: { large: large[act], small: small[act] },
        comparisons: [{ of: 'large', against: 'small', target: { most: 1.2 } }],
      }
    }
    await Promise.all([small.stop(), large.stop()])
  },
} satisfies Figure

async function grown(records: number) {
  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-grown-'))
  const world = await openVaultWorld(folder)
  const patient = await openRecord(world, insOf('1'))
  const doctor = await publish(world, await makeHolder(world, DOCTOR))
  await change(world, patient, await planGrant(world, patient, doctor))
  await deposit(world, patient, doctor)
  const compartment = compartmentOf(patient, 'reports')
  const { documents } = world.vault
  const base = `/v1/records/${patient.caller.recordId}`
  await documents.list(signed(world, doctor, { path: `${base}/documents` }), patient.caller.recordId, null)
  let some: readonly GrownRecord[] = []
  await world.restart(async () => {
    const growth = { records, entries: records * ENTRIES, reader: doctor.caller.id, compartment }
    some = await growStore(folder, { ...growth, signer: world.logSigner })
  })
  const epochKey = SealSecretKey.generate().publicKey
  const any = () => some[Math.floor(Math.random() * some.length)] as GrownRecord

  const read = async () => {
    const { record, document } = any()
    const path = `/v1/records/${record}/documents/${document}`
    await world.vault.documents.open(signed(world, doctor, { path }), record, document)
  }
  const list = async () => {
    const { record } = any()
    await world.vault.documents.list(signed(world, doctor, { path: `/v1/records/${record}/documents` }), record, null)
  }
  const seal = async () => {
    const { record: recordId, state } = any()
    using sealer = new DocumentSealer({ recordId, documentId: newId<DocumentId>() }, manifestFor(4096))
    const body = await collect(sealer.body([randomBytes(4096)]))
    const where = { deployment: world.anchors.deployment, compartment, epoch: 0, epochKey, state }
    const { deposit, manifest, envelope } = await sealer.finish(
      where,
      { keyStatement: doctor.hash, signKey: doctor.key },
      world.now(),
    )
    return { recordId, body, parts: { deposit, manifest: toBase64url(manifest), envelope: toBase64url(envelope) } }
  }
  const send = async ({ recordId, body, parts }: Awaited<ReturnType<typeof seal>>) => {
    const path = `/v1/records/${recordId}`
    const start = { compartment, length: body.length }
    const { uploads } = world.vault
    const { upload } = await uploads.start(
      signed(world, doctor, { path: `${path}/uploads`, body: start }),
      recordId,
      start,
    )
    const request = signed(world, doctor, { method: 'PUT', path: `${path}/uploads/${upload}/parts/0` })
    await uploads.part(request, { record: recordId, upload, n: 0 }, [body], sha256(body))
    const all = { ...parts, upload }
    await uploads.deposit(signed(world, doctor, { path: `${path}/documents`, body: all }), recordId, all)
  }
  return {
    read: () => timed(ACTS, AT_ONCE, read),
    list: () => timed(ACTS, AT_ONCE, list),
    deposit: async () => {
      const sealed: Awaited<ReturnType<typeof seal>>[] = []
      for (let i = 0; i < ACTS; i++) sealed.push(await seal())
      // A professional may have sixteen uploads open.
      return timed(ACTS, 12, () => send(sealed.pop() as Awaited<ReturnType<typeof seal>>))
    },
    async stop() {
      await world.vault.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Milliseconds one takes on average, so many at once. */
async function timed(count: number, atOnce: number, act: () => Promise<void>): Promise<number> {
  const began = performance.now()
  let left = count
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await act()
    }),
  )
  return (performance.now() - began) / count
}
