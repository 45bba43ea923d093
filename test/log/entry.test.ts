import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fromBase64url, lp, toBase64url, utf8 } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { checkNext, entryHash, entryHashOf, parseEntry, parseEvent, writeEntry } from '../../src/log/entry.ts'
import { type Event, type Link, OBJECT_MEMBERS } from '../../src/protocol/entry.ts'
import type { DocumentId, Hash, Instant, RecordId } from '../../src/protocol/ids.ts'
import { newId } from '../fixtures/document.ts'
import { anyHash, DAY_1, DAY_2 } from '../fixtures/states.ts'

const record = newId<RecordId>()
const event = (changes: Partial<Event> = {}): Omit<Event, 'salt'> => ({
  t: DAY_1,
  actor: { kind: 'patient', id: record, key: anyHash() },
  action: 'document.list',
  object: { ids: anyHash(), count: 2 },
  outcome: 'ok',
  grant: null,
  state: anyHash(),
  request: { base: 'base', signature: toBase64url(new Uint8Array(64)) },
  ...changes,
})
const write = (link: Partial<Link> = {}, changes: Partial<Event> = {}) =>
  writeEntry({ record, n: 0, prev: null, ...link }, event(changes))

t.test('an entry is two lines; its hash is of their bytes', async t => {
  const entry = write()
  const again = parseEntry({ link: entry.link, event: entry.event })
  t.same(again, entry)
  t.notMatch(entry.link + entry.event, /\n/)
  const parts = [sha256(utf8(entry.link)), sha256(utf8(entry.event))] as const
  t.equal(entry.hash, toBase64url(sha256(lp('coffre/v1/entry', ...parts))))
  t.equal(entryHashOf(...parts), entry.hash)
  t.equal(entryHash({ ...entry, event: `${entry.event} ` }) === entry.hash, false, 'a space more is another entry')
  t.same(parseEvent(entry.event).action, 'document.list')
})

t.test('members stand in the order of docs/protocol/entry.md', async t => {
  const { link, event } = write()
  t.same(Object.keys(JSON.parse(link)), ['v', 'record', 'n', 'prev', 'salt'])
  const members = ['t', 'actor', 'action', 'object', 'outcome', 'grant', 'state', 'request', 'salt']
  t.same(Object.keys(JSON.parse(event)), members)
})

t.test('salts hide what could be guessed: the same act twice has two hashes in every part', async t => {
  const fixed = event()
  const [one, two] = [writeEntry({ record, n: 0, prev: null }, fixed), writeEntry({ record, n: 0, prev: null }, fixed)]
  t.not(one.link, two.link)
  t.not(one.event, two.event)
  t.equal(fromBase64url(one.parsed.link.salt).length, 16)
})

t.test('a chain', async t => {
  const first = write()
  const second = write({ n: 1, prev: first.hash }, { t: DAY_2 })
  checkNext(null, first)
  checkNext(first, second)
  checkNext(second, write({ n: 2, prev: second.hash }, { t: DAY_2 }))
  const attacks: [string, Parameters<typeof checkNext>, string][] = [
    ['the first is missing', [null, second], 'chain-number'],
    ['one left out', [first, write({ n: 2, prev: second.hash })], 'chain-number'],
    ['one twice', [first, first], 'chain-number'],
    ['on another predecessor', [first, write({ n: 1, prev: anyHash() })], 'chain-prev'],
    ['a first one with a predecessor', [null, write({ prev: anyHash() })], 'chain-prev'],
    ['of another record', [first, write({ record: newId<RecordId>(), n: 1, prev: first.hash })], 'chain-record'],
    ['dated back', [second, write({ n: 2, prev: second.hash }, { t: DAY_1 })], 'chain-time'],
    [
      'changed afterwards',
      [parseEntry({ ...first, event: first.event.replace('"ok"', '"refused"') }), second],
      'chain-prev',
    ],
  ]
  for (const [what, pair, code] of attacks) t.throws(() => checkNext(...pair), { code }, what)
  t.throws(() => checkNext(first, first), {
    code: 'chain-number',
    evidence: { previous: { link: first.link }, next: { link: first.link } },
  })
})

t.test('lines of another form are refused', async t => {
  const { link, event: line } = write()
  const changed = (changes: object) => JSON.stringify({ ...JSON.parse(line), ...changes })
  const bad: [string, string, string][] = [
    ['no JSON', link, '{'],
    ['a line feed', link, `${line}\n`],
    ['a member more', link, changed({ ins: '1' })],
    ['an action nobody knows', link, changed({ action: 'record.peek' })],
    ['a time of another form', link, changed({ t: '2026-11-24T08:00:00Z' as Instant })],
    [
      'an establishment without the person acting',
      link,
      changed({ actor: { kind: 'establishment', id: '1690000012', key: anyHash() } }),
    ],
    ['a hash of another form', link, changed({ state: 'x' as Hash })],
    ['another version', link.replace('"v":1', '"v":2'), line],
    ['a negative number', link.replace('"n":0', '"n":-1'), line],
    ['a member twice', link, line.replace('"action":', '"action":"document.read","action":')],
    ['a member twice, saying the same', link.replace('{', '{"v":1,'), line],
    [
      'a member that schemas leave out',
      link,
      line.replace('"count":', '"__proto__":"6042636791378413971156","count":'),
    ],
    ['white space', link, line.replace(',', ', ')],
    ['an escape that is not needed', link, line.replace('document.list', '\\u0064ocument.list')],
    ['a number not as ECMAScript writes it', link.replace('"n":0', '"n":0.0'), line],
    ['a number as long as it should be, and not as ECMAScript writes it', link.replace('"n":0', '"n":1e2'), line],
    ['half of a surrogate pair', link, line.replace('"base":"base"', '"base":"\ud800"')],
  ]
  for (const [what, l, e] of bad) t.throws(() => parseEntry({ link: l, event: e }), { code: 'entry-form' }, what)
  t.throws(() => write({ n: 1.5 }), { code: 'entry-form' })
})

t.test('an object names what its action is about, and nothing else', async t => {
  const refused = {
    action: 'document.read',
    outcome: 'refused',
    object: { document: newId<DocumentId>(), reason: 'no-grant' },
  } as const
  parseEntry(write({}, refused))
  const named = (changes: Partial<Event>) => t.throws(() => write({}, changes), { code: 'entry-form' })
  named({ object: { ids: anyHash(), count: 2, ins: '6042636791378413971156' } })
  named({ object: { document: newId<DocumentId>() } })
  named({ ...refused, outcome: 'ok' })
  named({ object: { ids: 'x'.repeat(257), count: 2 } })
  named({ object: { count: 1.5 } })
  named({ object: { ids: [] } as never })
  named({ ...refused, object: { ...refused.object, title: 'Compte rendu' } })
})

t.test('the members of docs/protocol/entry.md are these', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/protocol/entry.md'), 'utf8')
  const table = page.slice(page.indexOf('## Actions'), page.indexOf('## Log before effect'))
  const written = new Map<string, string[]>()
  for (const [, actions = '', object = ''] of table.matchAll(
    /^\| (`[^|]+`) \| (?:record|system)[^|]*\| [^|]+\| ([^|]+) \|$/gm,
  )) {
    const members = object
      .replaceAll(/\([^)]*\)/g, '')
      .split(/,|;| or /)
      .map(name => name.trim())
      .filter(name => name !== '–')
    for (const [, action = ''] of actions.matchAll(/`([^`]+)`/g)) written.set(action, members)
  }
  t.strictSame(Object.fromEntries([...written].sort()), Object.fromEntries(Object.entries(OBJECT_MEMBERS).sort()))
})
