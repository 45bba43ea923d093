import t from 'tap'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { bytesField, Hash, Ins, Instant, NationalId, RecordId, StatementText } from '../../src/protocol/ids.ts'

t.test('ids and hashes have one spelling', async t => {
  const id = toBase64url(randomBytes(16))
  t.equal(RecordId.parse(id), id)
  for (const other of [`${id}=`, `${id} `, id.slice(1), `A${id}`, id.replace(/.$/, 'B'), id.replace(/^./, '+')]) {
    t.notOk(RecordId.safeParse(other).success, other)
  }
  const hash = toBase64url(randomBytes(32))
  t.equal(Hash.parse(hash), hash)
  t.notOk(Hash.safeParse(hash.replace(/.$/, 'B')).success, 'unused bits must be zero')
  t.notOk(RecordId.safeParse(hash).success)
})

t.test('times are in UTC with milliseconds, and exist', async t => {
  t.ok(Instant.safeParse('2026-11-24T08:00:00.000Z').success)
  t.ok(Instant.safeParse('2024-02-29T23:59:59.999Z').success)
  for (const text of [
    '2026-11-24T08:00:00Z',
    '2026-11-24T08:00:00.000+01:00',
    '2026-13-24T08:00:00.000Z',
    '2026-02-29T08:00:00.000Z',
    '2026-04-31T08:00:00.000Z',
    '2026-11-24T24:00:00.000Z',
    '2026-06-30T23:59:60.000Z',
    '',
  ]) {
    t.notOk(Instant.safeParse(text).success, text)
  }
})

t.test('an INS is 22 digits, a national id digits and capitals', async t => {
  t.ok(Ins.safeParse('1541187387477485562488').success)
  for (const text of ['15411 87387 47748 55624 88', '154118738747748556248', '15411873874774855624٨٨']) {
    t.notOk(Ins.safeParse(text).success, text)
  }
  t.ok(NationalId.safeParse('899700367917').success)
  t.notOk(NationalId.safeParse('899700367917/1').success)
})

t.test('byte fields count bytes', async t => {
  const sixteen = bytesField({ exactly: 16 })
  t.ok(sixteen.safeParse(toBase64url(randomBytes(16))).success)
  t.notOk(sixteen.safeParse(toBase64url(randomBytes(15))).success)
  t.notOk(sixteen.safeParse(toBase64url(randomBytes(17))).success)
  t.notOk(bytesField({ max: 4 }).safeParse('AA==').success)
})

t.test('byte fields have one spelling, as their decoder wants it', async t => {
  const any = bytesField({ max: 8 })
  for (let length = 0; length <= 8; length++) t.ok(any.safeParse(toBase64url(randomBytes(length))).success)
  for (const text of ['A', 'AB', 'AAB', 'AAAAA', 'AAAAAR', 'AAAAAAx']) t.notOk(any.safeParse(text).success, text)
})

t.test('a statement is bounded, and has one or two signatures', async t => {
  t.ok(StatementText.safeParse('aa.bb.cc').success)
  t.ok(StatementText.safeParse('aa.bb.cc~dd..ee').success)
  for (const text of [
    'aa.bb',
    'aa..cc',
    'aa.bb.cc~dd.bb.ee',
    'aa.bb.cc~dd..ee~ff..gg',
    `aa.bb.${'c'.repeat(300_000)}`,
  ]) {
    t.notOk(StatementText.safeParse(text).success, text.slice(0, 40))
  }
})
