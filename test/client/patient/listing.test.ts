import t from 'tap'
import { checkAgain, openDocument } from '../../../src/client/document/open.ts'
import { checkComplete, type ListBasis, ListMemory } from '../../../src/client/patient/listing.ts'
import { randomBytes, toBase64url } from '../../../src/crypto/bytes.ts'
import { CryptoError } from '../../../src/crypto/errors.ts'
import { statementHash } from '../../../src/crypto/statement.ts'
import type { CompartmentId, DocumentId, Hash } from '../../../src/protocol/ids.ts'
import { AT, makeAuthor, makePatient, makePlacement, makeSample, newId } from '../../fixtures/document.ts'

const patient = await makePatient()
const author = await makeAuthor(patient.deployment)
const sample = await makeSample(patient, author, randomBytes(100))
const other = await makeSample(patient, author, randomBytes(100))
const { stored, reader } = sample
const document = await openDocument(stored, reader, null)
const hashOf = (text: string) => toBase64url(statementHash(text)) as Hash
const noHash = toBase64url(new Uint8Array(32)) as Hash

t.test('a document counts as opened before only when every text that was checked is the same', t => {
  const memory = new ListMemory()
  t.equal(memory.opened(stored), null)
  memory.keep(stored, document)
  t.equal(memory.opened({ ...stored }), document)
  const changes = {
    deposit: other.stored.deposit,
    manifest: other.stored.manifest,
    envelope: other.stored.envelope,
    placement: 'a.b.c',
    compartment: newId<CompartmentId>(),
  }
  for (const [name, value] of Object.entries(changes)) t.equal(memory.opened({ ...stored, [name]: value }), null, name)
  memory.clear()
  t.equal(memory.opened(stored), null, 'forgotten with the session')
  t.end()
})

t.test('what was opened before is held again against what may have changed', async t => {
  const again = (placements?: ReadonlyMap<DocumentId, Hash>, authorKeys = reader.authorKeys) =>
    checkAgain({ document, stored }, { ...reader, authorKeys, ...(placements && { placements }) })
  await again()
  await again(new Map())
  const moved = await makePlacement(patient, {
    documentId: document.documentId,
    from: stored.compartment,
    to: newId<CompartmentId>(),
    epoch: 0,
    envelope: noHash,
  })
  await t.rejects(again(new Map([[document.documentId, hashOf(moved)]])), { code: 'placement-unknown' }, 'moved since')
  const revoked = async () => {
    throw new CryptoError('revoked', { code: 'chain-revoked' })
  }
  await t.rejects(again(new Map(), revoked), { code: 'deposit-author' }, 'the card was revoked by then')
})

t.test('the list before is given again only while chain and state tell of nothing new', t => {
  const memory = new ListMemory()
  const basis: ListBasis = { logged: [{ id: document.documentId, deposit: noHash }], state: noHash, now: AT }
  t.equal(memory.unchanged(basis), null)
  const lines = ['one']
  memory.keepList(basis, lines)
  const mark = { id: document.documentId, deposit: noHash }
  const ask = (change: Partial<ListBasis>) => memory.unchanged({ ...basis, ...change })
  t.equal(ask({ logged: [{ ...mark }] }), lines)
  t.equal(ask({ logged: [mark, { ...mark, id: newId<DocumentId>() }] }), null, 'a new one')
  t.equal(ask({ logged: [{ ...mark, withdrawn: true }] }), null, 'one was withdrawn')
  t.equal(ask({ state: hashOf('x') }), null, 'one was moved')
  t.equal(ask({ now: new Date(AT.getTime() + 11 * 60_000) }), null, 'a card may have been revoked')
  t.end()
})

t.test('what the log knows must be in the list, what is in the list in the log', t => {
  const memory = new ListMemory()
  const given = [memory.given(stored)]
  const mark = { id: document.documentId, deposit: hashOf(stored.deposit) }
  const check =
    (logged: ListBasis['logged'], now = AT) =>
    () =>
      checkComplete(given, { logged, now })
  t.doesNotThrow(check([mark]))
  t.doesNotThrow(check([]), 'it may be newer than the chain')
  t.throws(check([], new Date(AT.getTime() + 12 * 60_000)), { code: 'document-unlogged' })
  t.throws(check([mark, { ...mark, id: newId<DocumentId>() }]), { code: 'document-withheld' })
  t.throws(check([{ ...mark, deposit: noHash }]), { code: 'document-swapped' })
  t.end()
})
