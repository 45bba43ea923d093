/** Vectors of the log's formats: entries and their chain, receipts, the hash of a list. */
import { fromBase64url } from '../../src/crypto/bytes.ts'
import { VerifyKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { checkNext, entryHash, parseEntry } from '../../src/log/entry.ts'
import { listHash } from '../../src/log/list.ts'
import { makeReceipt, verifyReceipt } from '../../src/log/receipt.ts'
import type { EntryLines, Event, Link } from '../../src/protocol/entry.ts'
import type { DocumentId, Instant } from '../../src/protocol/ids.ts'
import { type Receipt, StatementTyp } from '../../src/protocol/statements.ts'
import { signedRequest } from './request.ts'
import { story } from './story.ts'
import {
  anyOf,
  draw,
  type Format,
  hex,
  type Json,
  once,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'
import { at, deployment, host, insurer } from './world.ts'

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value))
const salt = (name: string): string => text64(draw(name, 16))

const lines = (link: Omit<Link, 'v' | 'salt'>, event: Omit<Event, 'salt'>): EntryLines => ({
  link: JSON.stringify({ v: 1, record: link.record, n: link.n, prev: link.prev, salt: salt(`link ${link.n}`) }),
  event: JSON.stringify({ ...event, salt: salt(`event ${link.n}`) }),
})

/** The first three entries of the record: opened, granted, read. */
const entries = once(async () => {
  const { patient, doctor, states, grants, documents } = await story()
  const owner = { kind: 'patient', id: patient.recordId, key: patient.hash } as const
  const first = lines(
    { record: patient.recordId, n: 0, prev: null },
    {
      t: at('08:05:00'),
      actor: owner,
      action: 'record.open',
      object: { identity: patient.hash, registration: patient.registration.hash },
      outcome: 'ok',
      grant: null,
      state: states.opened.hash,
      request: null,
    },
  )
  const second = lines(
    { record: patient.recordId, n: 1, prev: entryHash(first) },
    {
      t: at('08:15:00'),
      actor: owner,
      action: 'grant.give',
      object: { grant: grants.first.hash, grantee: doctor.payload.nationalId },
      outcome: 'ok',
      grant: null,
      state: states.granted.hash,
      request: null,
    },
  )
  const { base, signature } = await signedRequest({
    path: `/v1/records/${patient.recordId}/documents/${documents.early.place.documentId}`,
    key: doctor.sign,
    keyId: `key:${doctor.hash}`,
  })
  const third = lines(
    { record: patient.recordId, n: 2, prev: entryHash(second) },
    {
      t: at('08:25:00'),
      actor: { kind: 'professional', id: doctor.payload.nationalId, key: doctor.hash },
      action: 'document.read',
      object: { document: documents.early.place.documentId },
      outcome: 'ok',
      grant: grants.first.hash,
      state: states.granted.hash,
      request: { base, signature: text64(signature) },
    },
  )
  return [first, second, third] as const
})

const changed = (line: string, changes: object): string => JSON.stringify({ ...JSON.parse(line), ...changes })

/** A read that was refused: its object has the reason besides. */
function refusedRead(after: EntryLines): VectorCase {
  const { link, event } = after
  const object = { document: salt('a document'), reason: 'no-grant' }
  const actor = { kind: 'professional', id: '810000000017', key: entryHash(after) }
  const given = [
    {
      link: changed(link, { n: 0, prev: null }),
      event: changed(event, { actor, action: 'document.read', object, outcome: 'refused' }),
    },
  ]
  return { name: 'a read that was refused', given: { entries: json(given) }, opens: { hashes: given.map(entryHash) } }
}

/** The same entry with a second action before its own: readers that keep the first of two would read that one. */
const twice = ({ link, event }: EntryLines): EntryLines => ({
  link,
  event: event.replace('"action":', '"action":"session.start","action":'),
})

/** Members that an entry of its action may not name, and values that none may have. */
function objects(event: (name: string, changes: object) => VectorCase): VectorCase[] {
  const opened = { identity: salt('an identity'), registration: salt('a registration') }
  const object = (name: string, members: object) => event(name, { object: { ...opened, ...members } })
  return [
    object('an object with another member', { ins: '6042636791378413971156' }),
    event('an object with a member __proto__', { object: JSON.parse(`{"__proto__":"6042636791378413971156"}`) }),
    object('an object with a member of another action', { document: salt('a document') }),
    object('a reason, and not refused', { reason: 'no-grant' }),
    object('an object’s member of 257 characters', { identity: 'A'.repeat(257) }),
    object('an object’s member with a fraction', { identity: 1.5 }),
    object('an object’s member that is true', { identity: true }),
    object('an object’s member that is a list', { identity: [] }),
    event('an object that is a list', { object: [] }),
    event('no object', { object: null }),
  ]
}

export const entry: Format = {
  file: 'entry',
  page: 'entry.md',
  about: 'The two lines of entries, in the order of their chain: the hash of each, each following the one before.',
  async cases() {
    const [first, second, third] = await entries()
    const good: VectorCase = {
      name: 'three entries of a record',
      given: { entries: json([first, second, third]) },
      opens: { hashes: [first, second, third].map(entryHash) },
    }
    const chain = (name: string, code: string, ...given: EntryLines[]) =>
      refused(name, code, good, { entries: json(given) })
    const event = (name: string, changes: object) =>
      chain(name, 'entry-form', { ...first, event: changed(first.event, changes) })
    const link = (name: string, code: string, changes: object) =>
      chain(name, code, first, { ...second, link: changed(second.link, changes) })
    return [
      good,
      refusedRead(second),
      { name: 'the first alone', given: { entries: json([first]) }, opens: { hashes: [entryHash(first)] } },
      chain('one left out', 'chain-number', first, third),
      chain('not from the beginning', 'chain-number', second),
      chain('one altered', 'chain-prev', { ...first, event: changed(first.event, { salt: salt('other') }) }, second),
      link('another predecessor', 'chain-prev', { prev: entryHash(third) }),
      link('of another record', 'chain-record', { record: salt('another record') }),
      link('a number below zero', 'entry-form', { n: -1 }),
      chain('dated before the one before', 'chain-time', first, {
        ...second,
        event: changed(second.event, { t: at('08:04:59') }),
      }),
      event('no such action', { action: 'record.copy' }),
      event('another member', { ins: '6042636791378413971156' }),
      ...objects(event),
      chain('a member twice', 'entry-form', twice(first)),
      chain('a member twice, saying the same', 'entry-form', { ...first, link: first.link.replace('{', '{"v":1,') }),
      chain('white space between members', 'entry-form', { ...first, event: first.event.replace(',', ', ') }),
      chain('an escape that is not needed', 'entry-form', {
        ...first,
        event: first.event.replace('record.open', '\\u0072ecord.open'),
      }),
      chain('a number not as written by ECMAScript', 'entry-form', {
        ...first,
        link: first.link.replace('"n":0', '"n":0.0'),
      }),
      event('a salt of 15 bytes', { salt: text64(draw('short', 15)) }),
      chain('a line feed in a line', 'entry-form', { ...first, link: `${first.link}\n` }),
      chain('no JSON', 'entry-form', { ...first, event: first.event.slice(0, -1) }),
    ]
  },
  open(given) {
    const parsed = anyOf<EntryLines[]>(given, 'entries').map(parseEntry)
    for (const [index, each] of parsed.entries()) checkNext(index === 0 ? null : (parsed[index - 1] ?? null), each)
    return { hashes: parsed.map(({ hash }) => hash) }
  },
}

export const receipt: Format = {
  file: 'receipt',
  page: 'receipt.md',
  about: 'The host’s receipt of an entry, verified under the host’s key.',
  async shared() {
    return { deployment, hostKey: text64(host().verifyKey.bytes) }
  },
  async cases() {
    const [, , read] = await entries()
    const text = await makeReceipt(parseEntry(read), { deployment, hostKey: host() })
    const payload: Receipt = JSON.parse(Buffer.from(text.split('.')[1] as string, 'base64url').toString())
    const good: VectorCase = {
      name: 'of a read',
      writer: { hostSeed: hex(host().seed), link: read.link },
      given: { receipt: text },
      opens: { entryHash: entryHash(read), action: 'document.read' },
    }
    const signed = async (name: string, code: string, changes: object, kid = 'host', by = host()) =>
      refused(name, code, good, {
        receipt: await signStatement(StatementTyp.receipt, { ...payload, ...changes }, ed25519Signer(by, kid)),
      })
    const late = new Date(Date.parse(payload.integrateBy) + 1).toISOString() as Instant
    return [
      good,
      await signed('another signer', 'statement-signature', {}, 'host', insurer()),
      await signed('another kid', 'receipt-key-id', {}, 'insurer'),
      await signed('another deployment', 'receipt-deployment', { deployment: salt('another deployment') }),
      await signed('another link', 'receipt-hash', { linkHash: payload.entryHash }),
      await signed('another event', 'receipt-hash', { event: changed(payload.event, { outcome: 'refused' }) }),
      await signed('a later promise', 'receipt-due', { integrateBy: late }),
    ]
  },
  async open(given, shared) {
    const hostKey = VerifyKey.parse(fromBase64url(textOf(shared, 'hostKey')))
    const { payload, event } = await verifyReceipt(textOf(given, 'receipt'), {
      deployment: anyOf(shared, 'deployment'),
      hostKey,
    })
    return { entryHash: payload.entryHash, action: event.action }
  },
}

export const list: Format = {
  file: 'list',
  page: 'list.md',
  about: 'The hash of a list of documents, in the order returned.',
  async cases() {
    const { early, late } = (await story()).documents
    const ids = [early, late].map(({ place }) => place.documentId)
    const make = (name: string, documents: DocumentId[]): VectorCase => ({
      name,
      given: { documents },
      opens: { ids: listHash(documents), count: documents.length },
    })
    return [
      make('two documents', ids),
      make('the same, the other way round', ids.toReversed()),
      make('one', ids.slice(0, 1)),
      make('none', []),
    ]
  },
  open(given) {
    const documents = anyOf<DocumentId[]>(given, 'documents')
    return { ids: listHash(documents), count: documents.length }
  },
}
