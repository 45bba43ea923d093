import t from 'tap'
import { RawLines } from '../../../src/cli/audit/entry-lines.ts'
import { KnownTexts } from '../../../src/log/audit/known-texts.ts'

const raw = (text: string) => new RawLines(Buffer.from(text))
const all = (known: KnownTexts<string>, text: string) => known.get(raw(text), 0, text.length)
const keep = (known: KnownTexts<string>, text: string) => known.put(raw(text), 0, text.length, `made of ${text}`)

t.test('what was made of the same bytes is there, wherever they stand', t => {
  const known = new KnownTexts<string>({ longest: 8 })
  t.equal(all(known, 'abc'), undefined)
  t.equal(keep(known, 'abc'), 'made of abc')
  t.equal(all(known, 'abc'), 'made of abc')
  t.equal(known.get(raw('xxabcxx'), 2, 5), 'made of abc')
  t.equal(known.get(raw('ab'), 0, 3), undefined, 'bytes that are not there')
  t.end()
})

t.test('what falls on the same place is not taken for it', t => {
  const known = new KnownTexts<string>({ longest: 16, places: 1 })
  keep(known, 'abcdefgh12345678')
  t.equal(all(known, 'abcdefgH12345678'), undefined)
  t.equal(all(known, 'abcdefgh1234567'), undefined)
  keep(known, 'other')
  t.equal(all(known, 'abcdefgh12345678'), undefined, 'the last one stays')
  t.equal(all(known, 'other'), 'made of other')
  t.end()
})

t.test('what is too long is made, and not kept', t => {
  const known = new KnownTexts<string>({ longest: 4, places: 4 })
  t.equal(keep(known, 'abcde'), 'made of abcde')
  t.equal(all(known, 'abcde'), undefined)
  t.end()
})
