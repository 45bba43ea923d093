import t from 'tap'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import {
  formatNote,
  formatSignatures,
  formatVkey,
  isSignatureOf,
  noteKey,
  parseNote,
  parseSignatures,
  parseVkey,
  signText,
  verifyText,
} from '../../src/log/note.ts'

const key = SigningKey.generate()
const name = 'example.com/signer'
const text = 'Ognuno sta solo\n\ned è subito sera.\n'
const note = formatNote({ text, signatures: [signText(text, { name, key })] })

// Published by golang.org/x/mod/sumdb/note (its package example).
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const GO_NOTE =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n" +
  '\n' +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

t.test('a note published by others verifies', async t => {
  const published = parseVkey(GO_KEY)
  const { text, signatures } = parseNote(GO_NOTE)
  const [signature] = signatures
  if (signature === undefined || published.type !== 'ed25519') throw new Error('not parsed')
  t.ok(isSignatureOf(signature, published))
  t.ok(verifyText(text, signature, published))
  t.notOk(verifyText(text.replace('answer', 'question'), signature, published))
  t.equal(formatVkey(published), GO_KEY)
  t.equal(formatNote({ text, signatures }), GO_NOTE)
})

t.test('a note is its text, an empty line, its signatures; texts may have empty lines', async t => {
  const parsed = parseNote(note)
  t.equal(parsed.text, text)
  t.equal(formatNote(parsed), note)
  t.ok(note.includes('sera.\n\n— example.com/signer '))
})

t.test('keys have one text each, for all three types', async t => {
  const mlDsa = MlDsaSigningKey.generate()
  for (const each of [
    noteKey(name, 'ed25519', key.verifyKey),
    noteKey(name, 'ed25519Cosignature', key.verifyKey),
    noteKey(name, 'mlDsa44Cosignature', mlDsa.verifyKey),
  ]) {
    const vkey = formatVkey(each)
    const parsed = parseVkey(vkey)
    t.same({ name: parsed.name, id: parsed.id, type: parsed.type }, { name, id: each.id, type: each.type })
    t.equal(formatVkey(parsed), vkey)
  }
  t.not(noteKey(name, 'ed25519', key.verifyKey).id, noteKey(name, 'ed25519Cosignature', key.verifyKey).id)
})

t.test('published key texts, good and bad', async t => {
  // transparency-dev/formats, note/note_cosigv1_test.go
  t.equal(parseVkey('TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6').type, 'ed25519')
  t.equal(parseVkey('remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2').type, 'ed25519Cosignature')
  const good = formatVkey(noteKey(name, 'ed25519', key.verifyKey))
  const [, id] = good.split('+') as [string, string]
  const bad = {
    'two parts': 'bananas.sigstore.dev+12344556',
    'not base64': 'rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!',
    'another type': 'rekor.sigstore.dev+12345678+AwEB',
    'key ID of another key': good.replace(id, '00000000'),
    'key ID in upper case': good.replace(id, 'ABCDEF12'),
    'no name': good.slice(name.length),
    'space in name': `a ${good}`,
    'cut key': good.slice(0, -4),
    empty: '',
  }
  for (const [why, vkey] of Object.entries(bad)) t.throws(() => parseVkey(vkey), { code: 'vkey-malformed' }, why)
})

t.test('what is not exactly a note is refused', async t => {
  const line = formatSignatures([signText(text, { name, key })])
  const bad = {
    'no signature': text,
    'no empty line': `${text}${line}`,
    'last line open': note.slice(0, -1),
    'line after': `${note}more\n`,
    'hyphen instead of dash': note.replace('— ', '- '),
    'two spaces': note.replace('— ', '—  '),
    'no name': note.replace(name, ''),
    'plus in name': note.replace(name, 'a+b'),
    'no-break space in name': note.replace(name, 'a\u00a0b'),
    'control character': `a\tb\n${note}`,
    'carriage return': note.replaceAll('\n', '\r\n'),
    'lone surrogate': `\ud800\n${note}`,
    base64url: note.replace(/ [^ ]+\n$/, ' _-_-_-_-\n'),
    'no signature bytes': note.replace(/ [^ ]+\n$/, ' AAAAAA==\n'),
    'too many': `${text}\n${line.repeat(65)}`,
    'too long': `${'a'.repeat(256 * 1024)}${note}`,
  }
  for (const [why, each] of Object.entries(bad)) {
    t.throws(() => parseNote(each), /^(?:Not a signed note|A key name)/, why)
  }
  t.equal(parseNote(`${text}\n${line.repeat(64)}`).signatures.length, 64)
  t.throws(() => parseSignatures(''), { code: 'note-malformed' })
  t.throws(() => formatNote({ text, signatures: [] }), { code: 'note-malformed' })
  t.throws(() => signText('no end', { name, key }), { code: 'note-malformed' })
})
