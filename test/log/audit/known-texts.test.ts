import t from 'tap'
import { RawLines } from '../../../src/cli/audit/entry-lines.ts'
import { KnownTexts } from '../../../src/log/audit/known-texts.ts'

const raw = (text: string) => new RawLines(Buffer.from(text))
const all = (known: KnownTexts<string>, text: string) => known.get(raw(text), 0, text.length)
const keep = (known: KnownTexts<string>, text: string) => known.put(raw(text), 0, text.length, `made of ${text}`)

t.test('what was made of the same bytes is there, wherever they stand', t => {
  const known = new KnownTexts<string>({ longest: 8 })
  for (const text of ['abcd', 'abcde', 'abcdefg', 'abcdefgh']) {
    t.equal(all(known, text), undefined)
    t.equal(keep(known, text), `made of ${text}`)
    t.equal(all(known, text), `made of ${text}`)
    t.equal(known.get(raw(`xx${text}xx`), 2, 2 + text.length), `made of ${text}`)
  }
  t.equal(known.get(raw('abc'), 0, 4), undefined, 'bytes that are not there')
  t.equal(keep(known, 'ab'), 'made of ab')
  t.equal(all(known, 'ab'), undefined, 'too short to be kept')
  t.end()
})

t.test('what falls on the same place is not taken for it', t => {
  const known = new KnownTexts<string>({ longest: 16, places: 1 })
  keep(known, 'abcdefgh12345678')
  const other = (at: number) => `${'abcdefgh12345678'.slice(0, at)}X${'abcdefgh12345678'.slice(at + 1)}`
  for (let at = 0; at < 16; at++) t.equal(all(known, other(at)), undefined)
  t.equal(all(known, 'abcdefgh1234567'), undefined)
  keep(known, 'others')
  t.equal(all(known, 'abcdefgh12345678'), undefined, 'the last one stays')
  t.equal(all(known, 'others'), 'made of others')
  for (let at = 0; at < 6; at++) t.equal(all(known, `${'others'.slice(0, at)}X${'others'.slice(at + 1)}`), undefined)
  t.end()
})

t.test('what is too long is made, and not kept', t => {
  const known = new KnownTexts<string>({ longest: 4, places: 4 })
  t.equal(keep(known, 'abcde'), 'made of abcde')
  t.equal(all(known, 'abcde'), undefined)
  t.end()
})
