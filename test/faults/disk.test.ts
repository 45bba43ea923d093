import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { giveGrant } from '../../src/client/patient/grants.ts'
import { openAccess } from '../../src/client/professional/access.ts'
import { depositDocument } from '../../src/client/professional/deposit.ts'
import { listDocuments, openRead } from '../../src/client/professional/read.ts'
import { requestAccess } from '../../src/client/professional/request.ts'
import { randomBytes } from '../../src/crypto/bytes.ts'
import { startLogin } from '../../src/crypto/opaque/client.ts'
import { layoutOf } from '../../src/dev/layout.ts'
import { DOCTOR } from '../../src/dev/people.ts'
import { parseCheckpoint } from '../../src/log/checkpoint.ts'
import { parseNote } from '../../src/log/note.ts'
import { NationalId } from '../../src/protocol/ids.ts'
import { collect, manifestFor } from '../fixtures/document.ts'
import { type Heard, listen } from '../fixtures/heard.ts'
import { type RawRequest, send } from '../fixtures/host.ts'
import { type HostProcess, makeHostProcess } from '../fixtures/host-process.ts'
import { activePatient, insOf, issueAt } from '../fixtures/patient.ts'
import { connect, signedIn } from '../fixtures/professional.ts'
import { checkStoreFolder } from '../fixtures/store-checks.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// The store takes no more writes: no record is served without its entry, so none is served; what needs no entry still
// is; and when the disk writes again, so does the host, by itself, with all it had acknowledged.

t.setTimeout(180_000)

t.test('a write fails', async t => {
  if (spawnSync('prlimit', ['--version']).status !== 0) {
    t.fail('prlimit is missing: install it (on Debian: apt-get install util-linux)')
    return
  }
  // A file that may not grow past 4 KiB: the kernel refuses the write, SQLite reports an I/O error.
  const limit = (host: HostProcess, size: string) =>
    execFileSync('prlimit', ['--pid', String(host.pid), `--fsize=${size}:`])
  await story(t, {
    folder: join(testFolder(t), 'world'),
    damage: host => limit(host, '4096'),
    mend: host => limit(host, 'unlimited'),
  })
})

t.test('the disk is full', async t => {
  const folder = join(testFolder(t), 'world')
  const disk = mkdtempSync(join(tmpdir(), 'coffre-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tmpfs', disk])
  if (mounted.status !== 0) {
    rmSync(disk, { recursive: true })
    t.pass('a disk of its own cannot be mounted here: run as root, allowed to mount', { skip: true })
    return
  }
  const { store } = layoutOf(join(folder, 'world')).host
  mkdirSync(dirname(store), { recursive: true, mode: 0o700 })
  symlinkSync(disk, store)
  const filler = join(store, 'filler')
  try {
    await story(t, {
      folder,
      damage: () => {
        for (let size = 8 * 1024 * 1024; size >= 512; size /= 2) fill(filler, size)
      },
      mend: () => rmSync(filler),
    })
  } finally {
    spawnSync('umount', ['--lazy', disk])
    rmSync(disk, { recursive: true, force: true })
  }
})

/** Appends pieces of one size until there is no room for another. */
function fill(file: string, size: number): void {
  for (;;) {
    try {
      writeFileSync(file, Buffer.alloc(size, 1), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return
      throw error
    }
  }
}

interface Damage {
  readonly folder: string
  damage(host: HostProcess): void
  mend(host: HostProcess): void
}

async function story(t: Test, fault: Damage): Promise<void> {
  // The disk of the test is smaller than what a host leaves free by itself.
  const host = await makeHostProcess(fault.folder, { room: { reserve: 1 } })
  const heard = listen(host.world.anchors)
  await host.start()
  try {
    await play(t, host, { ...fault, heard })
  } finally {
    heard.stop()
    await host.kill()
    await host.mail.stop()
  }
}

async function play(
  t: Test,
  host: HostProcess,
  { folder, damage, mend, heard }: Damage & { heard: Heard },
): Promise<void> {
  const { client, world } = host
  const mail = 'disque@exemple.invalid'
  const patient = await activePatient(client, { folder: join(folder, 'patient'), ins: insOf('5150'), mail })
  const session = await signedIn(client, patient)
  const doctor = await connect(client, 'doctor', join(folder, 'doctor'))
  t.teardown(async () => {
    await session.close()
    await doctor.close()
  })
  await requestAccess(doctor, patient.ins)
  await giveGrant(session, { nationalId: NationalId.parse(DOCTOR.id) })
  const access = await openAccess(doctor, patient.recordId)
  const content = randomBytes(20_000)
  const deposit = () =>
    depositDocument(doctor, {
      access,
      compartment: 'reports',
      manifest: { ...manifestFor(content.length), kind: 'reports' },
      content: () => [content],
    })
  const { documentId } = await deposit()
  // Open, so that its body could be fetched without a further entry.
  await openRead(doctor, access, documentId)
  const before = await treeSize()

  async function treeSize(): Promise<number> {
    const { status, bytes } = await send(client, { path: '/log/checkpoint' })
    t.equal(status, 200, 'the checkpoint is served')
    return parseCheckpoint(parseNote(bytes.toString()).text).size
  }

  const record = `/v1/records/${patient.recordId}`
  const card = world.layout.cards.doctor
  const asDoctor = { listener: 'professionals', card, signer: doctor.signing.signer as never } as const
  const asPatient = () => ({ signer: session.signing.signer, session: session.signing.session })
  const compartment = access.compartments[0]?.id as string
  const upload = await send(client, {
    ...asDoctor,
    path: `${record}/uploads`,
    body: { compartment, length: 5000 },
  })
  t.equal(upload.status, 200)
  const asked = (): RawRequest[] => [
    { ...asDoctor, path: `${record}/documents` },
    { ...asDoctor, path: `${record}/documents/${documentId}` },
    { ...asDoctor, path: `${record}/documents/${documentId}/body` },
    { ...asDoctor, path: `${record}/documents/${documentId}/refused`, body: { reason: 'body-block' } },
    { ...asDoctor, path: `${record}/access` },
    { ...asDoctor, path: `${record}/epochs/${compartment}` },
    { ...asDoctor, path: `${record}/uploads`, body: { compartment, length: 5000 } },
    {
      ...asDoctor,
      method: 'PUT',
      path: `${record}/uploads/${upload.json.upload}/parts/0`,
      body: new Uint8Array(5000),
    },
    { ...asDoctor, path: '/v1/access-requests', body: { ins: patient.ins } },
    { ...asPatient(), path: `${record}/documents` },
    { ...asPatient(), path: `${record}/documents/${documentId}` },
    { ...asPatient(), path: `${record}/documents/${documentId}/body` },
    { ...asPatient(), path: `${record}/state` },
    { ...asPatient(), path: `${record}/chain?after=-1` },
    { ...asPatient(), path: `${record}/access-requests` },
    { ...asPatient(), path: '/v1/sessions/end', body: {} },
    {
      path: '/v1/sign-in/start',
      body: { ins: patient.ins, device: null, request: startLogin('canal-Violette-38').request },
    },
  ]

  damage(host)
  const wrong: string[] = []
  for (const request of asked()) {
    const { status, json, bytes } = await send(client, request)
    const what = `${request.method ?? ''} ${request.path.replace(patient.recordId, 'R')}`
    // Where the disk is full, documents are refused sooner.
    const isFull = status === 507 && json?.code === 'store-full' && request.path.includes('/uploads')
    if (!isFull && (status !== 503 || json?.code !== 'log-unavailable')) wrong.push(`${what}: ${status} ${json?.code}`)
    if (bytes.length > 1000) wrong.push(`${what}: ${bytes.length} bytes`)
  }
  const { answer } = await issueAt(client, insOf('5151'), 'opening')
  if (answer.status !== 503) wrong.push(`POST /v1/registrations: ${answer.status}`)
  t.same(wrong, [], 'every route that needs an entry says 503 log-unavailable, and nothing else')
  await t.rejects(deposit(), { code: /^(log-unavailable|store-full)$/ })
  await t.rejects(giveGrant(session, { nationalId: NationalId.parse('899700000018') }), /./)

  t.ok((await treeSize()) >= before)
  const tile = await send(client, { path: `/log/tile/0/000.p/${before}` })
  t.equal(tile.bytes.length, 32 * before, 'and so are tiles')
  t.equal((await send(client, { path: '/v1/anchors' })).status, 200)
  // One look at the log answers for a second.
  await new Promise(resolve => setTimeout(resolve, 1100))
  const health = await send(client, { path: '/v1/health' })
  t.match({ status: health.status, said: health.json?.status }, { status: 200, said: 'log-unavailable' }, 'health')

  mend(host)
  const listed = await listDocuments(doctor, await openAccess(doctor, patient.recordId))
  t.same(
    listed.documents.map(document => document.documentId),
    [documentId],
    'by itself, at the next request',
  )
  const again = await deposit()
  for (const id of [documentId, again.documentId]) {
    const read = await openRead(doctor, access, id)
    t.same(await collect(read.content()), content)
  }
  // A clean stop ends the tree; a kill shows that nothing depends on it.
  await host.kill()
  await host.start()
  t.same(await checkStoreFolder(world.layout.host.store, heard.promised), [])
  const after = await openRead(doctor, await openAccess(doctor, patient.recordId), again.documentId)
  t.same(await collect(after.content()), content)
}
