import t from 'tap'
import { asksFor, listCursor } from '../../../src/log/audit/asked.ts'
import type { Event } from '../../../src/protocol/entry.ts'

const record = 'AAAAAAAAAAAAAAAAAAAAAA'
const document = 'BBBBBBBBBBBBBBBBBBBBBA'
const r = `/v1/records/${record}`
const cases: [Event['action'], Event['object'], string][] = [
  ['record.open', {}, 'POST /v1/records'],
  ['account.activate', {}, 'POST /v1/activation'],
  ['session.start', {}, 'POST /v1/sessions'],
  ['session.end', {}, 'POST /v1/sessions/end'],
  ['document.list', {}, `GET ${r}/documents`],
  ['document.read', { document }, `GET ${r}/documents/${document}`],
  ['document.deposit', { document }, `POST ${r}/documents`],
  ['document.refused', { document }, `POST ${r}/documents/${document}/refused`],
  ['document.mask', { document }, `POST ${r}/states`],
  ['grant.give', {}, `POST ${r}/states`],
  ['compartment.roll', {}, `POST ${r}/states`],
  ['access.view', {}, `GET ${r}/access`],
  ['access.view', { compartment: document }, `GET ${r}/epochs/${document}`],
  ['access.request', {}, 'POST /v1/access-requests'],
  ['access.deny', { request: document }, `POST ${r}/access-requests/${document}/deny`],
  ['record.close', {}, `POST ${r}/close`],
  ['record.reopen', {}, `POST ${r}/reopen`],
  ['key.publish', {}, 'POST /v1/keys'],
  ['key.withdraw', {}, 'POST /v1/keys/withdrawals'],
]
const event = (action: Event['action'], object: Event['object'], outcome: Event['outcome'] = 'ok') =>
  ({ action, object, outcome }) as Event

t.test('each action is asked for by its own method and path', async t => {
  for (const [i, [action, object, asked]] of cases.entries()) {
    for (const [j, [, , other]] of cases.entries()) {
      const [method = '', path = ''] = other.split(' ')
      const same = asked === other
      t.equal(asksFor({ method, path, query: '' }, event(action, object), record), same, `${i} ${action} ${j} ${other}`)
    }
    const [method = '', path = ''] = asked.split(' ')
    t.equal(asksFor({ method, path, query: '?after=1' }, event(action, object), record), action === 'document.list')
  }
})

t.test('a deposit may be refused at its upload', async t => {
  const start = { method: 'POST', path: `${r}/uploads`, query: '' }
  t.ok(asksFor(start, event('document.deposit', {}, 'refused'), record))
  t.notOk(asksFor(start, event('document.deposit', {}), record))
})

t.test('the host’s own acts are asked for by nobody', async t => {
  t.notOk(asksFor({ method: 'POST', path: `${r}/states`, query: '' }, event('host.start', {}), record))
})

t.test('the cursor of a page', async t => {
  t.equal(listCursor(''), null)
  t.equal(listCursor('?after=12'), 12)
  for (const odd of ['?after=012', '?after=-1', '?after=1&after=2', '?%61fter=1'])
    t.equal(listCursor(odd), undefined, odd)
})
